/**
 * The difference between two arms whose shares change from stage to stage. Totals are kept by stage and never pooled: a
 * ramp pools the baseline's mornings with the candidate's evenings.
 *
 * Stages are weighted by n_A n_B / (n_A + n_B), which is the inverse variance of a stage's difference where the spread is
 * the same everywhere. Weights from estimated variances would favour the stages whose few events look smallest.
 */
import type { Estimate } from './mean-sequence.js';

/** Of one value per observation; of events, the sum and the sum of squares are both their number. */
export interface ArmTotals {
  n: number;
  sum: number;
  sumSquares: number;
}

export interface ArmPair {
  baseline: ArmTotals;
  candidate: ArmTotals;
}

/** When the share was the same throughout: a stage, or the part of it at one planned share where that changes. */
export interface Stratum {
  stage: number;
  /** Planned, in percent. */
  share: number | null;
}

export interface StageTotals extends Stratum, ArmPair {}

export interface DifferenceSettings {
  /** `proportion`: each observation is 0 or 1. */
  kind: 'proportion' | 'mean';
  /** `relative`: of the baseline's mean, by the delta method. */
  scale: 'absolute' | 'relative';
  /** Variance of a difference over that of independent observations, 1 unless given: more where users send several. */
  dispersion?: number;
}

/** Candidate minus baseline. `size` counts observations as an even split would need them for the same precision. */
export interface ArmDifference extends Estimate {
  baseline: number;
  candidate: number;
}

/** In the order of stages and shares, whatever the order of windows. */
export function addToStage(stages: readonly StageTotals[], stratum: Stratum, arms: ArmPair): StageTotals[] {
  const { stage, share } = stratum;
  const isSame = (known: Stratum) => known.stage === stage && known.share === share;
  const before = stages.find(isSame) ?? { baseline: none, candidate: none };
  const sum: StageTotals = {
    stage,
    share,
    baseline: addTotals(before.baseline, arms.baseline),
    candidate: addTotals(before.candidate, arms.candidate),
  };
  const others = stages.filter((known) => !isSame(known));
  return [...others, sum].sort((a, b) => a.stage - b.stage || (a.share ?? -1) - (b.share ?? -1));
}

/** Null where there are too few observations for a spread, or a relative difference to a mean that may be zero. */
export function differ(
  stages: readonly ArmPair[],
  { kind, scale, dispersion = 1 }: DifferenceSettings,
): ArmDifference | null {
  const usable = stages.filter(({ baseline, candidate }) => baseline.n >= 2 && candidate.n >= 2);
  const weights = usable.map(({ baseline: { n: a }, candidate: { n: b } }) => (a * b) / (a + b));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return null;
  const standardise = (arm: keyof ArmPair): { mean: number; variance: number } => {
    let [mean, variance] = [0, 0];
    for (const [i, stage] of usable.entries()) {
      const part = weights[i]! / total;
      mean += (part * stage[arm].sum) / stage[arm].n;
      variance += (part * part * spread(stage[arm], kind)) / stage[arm].n;
    }
    return { mean, variance };
  };
  const [a, b] = [standardise('baseline'), standardise('candidate')];
  const measured = scale === 'absolute' ? subtract(a, b) : relate(a, b);
  if (measured === null || !(measured.variance > 0)) return null;
  return {
    estimate: measured.estimate,
    standardError: Math.sqrt(measured.variance * dispersion),
    size: 4 * total,
    baseline: a.mean,
    candidate: b.mean,
  };
}

/** Events, and observations without one, in each arm: below this the normal approximation does not hold. */
export const minOfEach = 30;
/** Of means, observations in each arm; skewed values need more than proportions (docs/statistics.md). */
export const minObservationsOfMeans = 1000;

/** Whether both arms have enough for an interval to hold. */
export function hasEnoughObservations(stages: readonly ArmPair[], kind: DifferenceSettings['kind']): boolean {
  return (['baseline', 'candidate'] as const).every((arm) => {
    const { n, sum } = stages.map((stage) => stage[arm]).reduce(addTotals, none);
    return kind === 'mean' ? n >= minObservationsOfMeans : sum >= minOfEach && n - sum >= minOfEach;
  });
}

const none: ArmTotals = { n: 0, sum: 0, sumSquares: 0 };

function addTotals(a: ArmTotals, b: ArmTotals): ArmTotals {
  return { n: a.n + b.n, sum: a.sum + b.sum, sumSquares: a.sumSquares + b.sumSquares };
}

/** Variance of one observation. */
function spread({ n, sum, sumSquares }: ArmTotals, kind: DifferenceSettings['kind']): number {
  const mean = sum / n;
  return kind === 'proportion' ? mean * (1 - mean) : Math.max(0, (sumSquares - sum * mean) / (n - 1));
}

interface Moments {
  mean: number;
  variance: number;
}

function subtract(a: Moments, b: Moments): { estimate: number; variance: number } {
  return { estimate: b.mean - a.mean, variance: a.variance + b.variance };
}

/** Delta method; of the baseline's magnitude, so that the sign says which way it goes. */
function relate(a: Moments, b: Moments): { estimate: number; variance: number } | null {
  if (a.mean * a.mean <= surelyNotZero * a.variance) return null;
  const size = Math.abs(a.mean);
  return {
    estimate: (b.mean - a.mean) / size,
    variance: b.variance / size ** 2 + (a.variance * b.mean ** 2) / size ** 4,
  };
}

/** Squared standard errors between the baseline's mean and zero, without which a ratio to it means little. */
const surelyNotZero = 9;
