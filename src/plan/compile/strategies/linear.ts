import type { Step } from '../../compiled/step.js';
import type { StrategySettings } from '../../spec/fields/strategy-settings.js';
import { stage, type Position } from './stage.js';

/**
 * Equal increments up to 100 %; the last can be smaller. Tenths of a percent are integers, so they add up exactly.
 */
export function compileLinear({ by, everySeconds }: StrategySettings['linear'], from: Position): Step[] {
  const steps: Step[] = [];
  const increment = Math.round(by * 10);
  let tenths = Math.round(from.share * 10);
  for (let number = from.stage + 1; tenths < 1000; number++) {
    tenths = Math.min(1000, tenths + increment);
    steps.push(...stage(number, tenths / 10, everySeconds));
  }
  return steps;
}
