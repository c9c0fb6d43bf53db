import type { Step } from '../plan.js';
import type { StrategySettings } from '../spec/strategy.js';
import { stage } from './stage.js';

/** All at once, after validation. */
export function compileStandard({ bakeSeconds }: StrategySettings['standard']): Step[] {
  return stage(1, 100, bakeSeconds);
}
