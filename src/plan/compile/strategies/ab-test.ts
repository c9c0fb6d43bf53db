import type { Step } from '../../compiled/step.js';
import type { StrategySettings } from '../../spec/fields/strategy-settings.js';
import { shiftTo, type Position } from './stage.js';

/** One fixed split until the goals decide. */
export function compileAbTest(
  { split, minimumSeconds, maximumSeconds }: StrategySettings['abTest'],
  from: Position,
): Step[] {
  const stage = from.stage + 1;
  return [shiftTo(stage, split), { kind: 'experiment', stage, minimumSeconds, maximumSeconds, adapt: null }];
}
