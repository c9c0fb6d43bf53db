/** When both models get requests and are compared, at the longest. Pure. */
import type { Step } from '../compiled/step.js';

export interface WatchedPeriod {
  kind: 'bake' | 'experiment';
  stage: number;
  seconds: number;
  /** An experiment's goals decide from here on; 0 for a bake. */
  earliestSeconds: number;
  /** Parts of the endpoint's requests, 0 to 1. A shadow gets copies: the baseline then has all of them. */
  baseline: number;
  candidate: number;
}

/** In order. A bandit's split is taken to stay as it starts. */
export function watchedPeriodsOf(steps: readonly Step[]): WatchedPeriod[] {
  const periods: WatchedPeriod[] = [];
  let [baseline, candidate] = [0, 0];
  for (const step of steps) {
    if (step.kind === 'deploy') {
      baseline = step.arrangement.kind === 'candidateOnly' ? 0 : 1;
      candidate = step.arrangement.kind === 'shadow' ? step.arrangement.mirrorPercent / 100 : 0;
    }
    if (step.kind === 'setWeights') {
      baseline = step.weights.baseline / 100;
      candidate = step.weights.candidate / 100;
    }
    if (step.kind !== 'bake' && step.kind !== 'experiment') continue;
    if (baseline === 0 || candidate === 0) continue;
    const { kind, stage } = step;
    const times =
      step.kind === 'bake'
        ? { seconds: step.seconds, earliestSeconds: 0 }
        : { seconds: step.maximumSeconds, earliestSeconds: step.minimumSeconds };
    periods.push({ kind, stage, ...times, baseline, candidate });
  }
  return periods;
}
