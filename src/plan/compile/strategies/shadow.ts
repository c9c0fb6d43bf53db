import type { Step } from '../../compiled/step.js';
import type { StrategySettings } from '../../spec/fields/strategy-settings.js';
import type { Position } from './stage.js';

/** The candidate gets copies of the requests for a time. It does not serve users. */
export function compileShadow(
  { mirrorPercent, bakeSeconds }: StrategySettings['shadow'],
  from: Position,
): Step[] {
  const stage = from.stage + 1;
  return [
    { kind: 'deploy', stage, arrangement: { kind: 'shadow', mirrorPercent } },
    { kind: 'bake', stage, seconds: bakeSeconds },
  ];
}
