import type { Step } from '../../compiled/step.js';
import type { StrategySettings } from '../../spec/fields/strategy-settings.js';
import type { Position } from './stage.js';

/** Copies of the requests for a while; no user meets the candidate. */
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
