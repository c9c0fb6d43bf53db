import type { Step } from '../../compiled/step.js';
import type { StrategySettings } from '../../spec/fields/strategy-settings.js';
import { stage, type Position } from './stage.js';

/** One stage for each share. */
export function compileCanary({ steps }: StrategySettings['canary'], from: Position): Step[] {
  return steps.flatMap((step, i) => stage(from.stage + 1 + i, step.share, step.bakeSeconds));
}
