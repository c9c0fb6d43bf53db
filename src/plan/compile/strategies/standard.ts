import type { Step } from '../../compiled/step.js';
import type { StrategySettings } from '../../spec/fields/strategy-settings.js';
import { stage, type Position } from './stage.js';

/** All at once, after validation. Blue-green is the same move; what differs is that blue stays for a while. */
export function compileStandard(
  { bakeSeconds }: StrategySettings['standard' | 'blueGreen'],
  from: Position,
): Step[] {
  return stage(from.stage + 1, 100, bakeSeconds);
}
