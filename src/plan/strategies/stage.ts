import { remainderOf } from '../percents.js';
import type { Step } from '../plan.js';

/** Moves the candidate to `share` percent and, unless `bakeSeconds` is null, watches it. */
export function stage(number: number, share: number, bakeSeconds: number | null): Step[] {
  const weights = { baseline: remainderOf(share), candidate: share };
  const shift: Step = { kind: 'setWeights', stage: number, weights };
  return bakeSeconds === null ? [shift] : [shift, { kind: 'bake', stage: number, seconds: bakeSeconds }];
}
