import type { Step } from '../../compiled/step.js';
import type { StrategySettings } from '../../spec/fields/strategy-settings.js';
import { shiftTo, type Position } from './stage.js';

/** An experiment whose split moves towards the better model. The goals decide it, as with a fixed split. */
export function compileBandit(settings: StrategySettings['bandit'], from: Position): Step[] {
  const { start, minimumSeconds, maximumSeconds, ...adapt } = settings;
  const stage = from.stage + 1;
  return [shiftTo(stage, start), { kind: 'experiment', stage, minimumSeconds, maximumSeconds, adapt }];
}
