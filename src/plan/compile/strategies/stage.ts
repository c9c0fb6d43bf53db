import { remainderOf } from '../../units/percents.js';
import type { Step } from '../../compiled/step.js';

/** The candidate's stage and share after the previous strategy. A rollout begins with `{stage: 0, share: 0}`. */
export interface Position {
  stage: number;
  /** Percent. */
  share: number;
}

/** Moves the candidate to `share` percent, then bakes unless `bakeSeconds` is null. */
export function stage(number: number, share: number, bakeSeconds: number | null): Step[] {
  const shift = shiftTo(number, share);
  return bakeSeconds === null ? [shift] : [shift, { kind: 'bake', stage: number, seconds: bakeSeconds }];
}

export function shiftTo(number: number, share: number): Step {
  return { kind: 'setWeights', stage: number, weights: { baseline: remainderOf(share), candidate: share } };
}
