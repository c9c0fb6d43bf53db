/** The periods in which both models get requests and are compared, with their maximum durations. Pure. */
import type { Step } from '../compiled/step.js';

export interface WatchedPeriod {
  kind: 'bake' | 'experiment';
  stage: number;
  seconds: number;
  /** The goals of an experiment can decide from this time on. 0 for a bake. */
  earliestSeconds: number;
  /**
   * Fractions of the endpoint's requests, 0 to 1. With a shadow the baseline has 1, because the candidate gets
   * copies.
   */
  baseline: number;
  candidate: number;
}

/** In order. Assumes that a bandit keeps its first split. */
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
