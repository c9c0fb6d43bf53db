import type { Step } from '../../compiled/step.js';
import type { StrategySettings } from '../../spec/fields/strategy-settings.js';
import { stage, type Position } from './stage.js';

/**
 * Moves all traffic at once, after validation. Blue-green has the same steps, and blue stays for the rollback window.
 */
export function compileStandard(
  { bakeSeconds }: StrategySettings['standard' | 'blueGreen'],
  from: Position,
): Step[] {
  return stage(from.stage + 1, 100, bakeSeconds);
}
