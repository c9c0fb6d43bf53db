/**
 * The difference between two arms whose shares change from stage to stage. Totals are kept by stage and never pooled,
 * because a ramp would pool the baseline's mornings with the candidate's evenings.
 *
 * Stages are weighted by n_A n_B / (n_A + n_B), the inverse variance of a stage's difference if the spread is equal
 * in all stages. Weights from estimated variances would favour stages with few events, whose variances look smallest.
 */
import type { Estimate } from './mean-sequence.js';
import { addUserSums, effectiveUsers, excessOf, varianceOfParts, type UserSums } from './user-dispersion.js';

/** Totals of one value per observation. For events, `sum` and `sumSquares` both equal their number. */
export interface ArmTotals {
  n: number;
  sum: number;
  sumSquares: number;
  /** The same sums before values were capped, as the users' sums count them. Absent: nothing is capped. */
  uncapped?: { sum: number; sumSquares: number };
  /** Absent: the observations are independent, or their dispersion is given. */
  users?: UserSums;
}

export interface ArmPair {
  baseline: ArmTotals;
  candidate: ArmTotals;
}

/** A span with a constant share: a stage, or the part of a stage at one planned share. */
export interface Stratum {
  stage: number;
  /** Planned share in percent. */
  share: number | null;
}

export interface StageTotals extends Stratum, ArmPair {}

export interface DifferenceSettings {
  /** `proportion`: each observation is 0 or 1. `ratio`: any number of events per observation, which is a user. */
  kind: 'proportion' | 'mean' | 'ratio';
  /** `relative`: relative to the baseline's mean, by the delta method. */
  scale: 'absolute' | 'relative';
  /**
   * Variance of a difference divided by that of independent observations. Above 1 if users send several. Default: as
   * the totals measure it by user, or 1.
   */
  dispersion?: number;
}

/** Candidate minus baseline. `size`: observations that an even split would need for the same precision. */
export interface ArmDifference extends Estimate {
  baseline: number;
  candidate: number;
}

/** Sorted by stage and share, independent of the order of windows. */
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

/** Null if there are too few observations for a spread, or if a relative difference has a baseline mean near zero. */
export function differ(
  stages: readonly ArmPair[],
  { kind, scale, dispersion }: DifferenceSettings,
): ArmDifference | null {
  const usable = stages.filter(({ baseline, candidate }) => baseline.n >= 2 && candidate.n >= 2);
  const weights = usable.map(({ baseline: { n: a }, candidate: { n: b } }) => (a * b) / (a + b));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return null;
  const standardise = (arm: keyof ArmPair, isMeasured: boolean): Moments => {
    let mean = 0;
    const parts = usable.map((stage, i) => {
      const part = weights[i]! / total;
      mean += (part * stage[arm].sum) / stage[arm].n;
      const independent = (part * part * spread(stage[arm], kind)) / stage[arm].n;
      return { independent, excess: isMeasured ? excessIn(stage, arm, kind) : 0 };
    });
    return { mean, variance: varianceOfParts(parts) };
  };
  const compare = (isMeasured: boolean) => {
    const [a, b] = [standardise('baseline', isMeasured), standardise('candidate', isMeasured)];
    const measured = scale === 'absolute' ? subtract(a, b) : relate(a, b);
    return measured === null || !(measured.variance > 0) ? null : { a, b, ...measured };
  };
  const [independent, measured] = [compare(false), compare(dispersion === undefined)];
  if (independent === null || measured === null) return null;
  const factor = dispersion ?? measured.variance / independent.variance;
  return {
    estimate: measured.estimate,
    standardError: Math.sqrt(independent.variance * factor),
    size: (4 * total) / factor,
    baseline: measured.a.mean,
    candidate: measured.b.mean,
  };
}

/**
 * The excess of one arm: its own, or that of both arms together if that is larger, because an arm with a small share has
 * few users to measure it by.
 */
function excessIn(
  { baseline, candidate }: ArmPair,
  arm: keyof ArmPair,
  kind: DifferenceSettings['kind'],
): number {
  const both = [baseline, candidate].map((given) => {
    const totals = { ...given, ...given.uncapped };
    const independent = totals.n * spread(totals, kind);
    return {
      independent,
      excess: totals.users ? excessOf({ ...totals, users: totals.users }, independent) : 0,
    };
  });
  const sum = both.reduce((all, each) => all + each.independent, 0);
  const pooled = both.reduce((all, { independent, excess }) => all + independent * excess, 0) / (sum || 1);
  return Math.max(pooled, both[arm === 'baseline' ? 0 : 1]!.excess);
}

/** Minimum events, and minimum observations without an event, in each arm for the normal approximation. */
export const minOfEach = 30;
/** Minimum users in each arm, as if all were equally active, for a variance that is measured by user. */
export const minUsers = 50;

/** Whether both arms have enough users for a variance that is measured by user. True if it is not. */
export function hasEnoughUsers(stages: readonly ArmPair[]): boolean {
  return (['baseline', 'candidate'] as const).every((arm) => {
    const { n, users } = totalOf(stages, arm);
    return users === undefined || effectiveUsers({ n, users }) >= minUsers;
  });
}

/** Whether both arms have enough events for a valid interval of a proportion, or of a ratio. */
export function hasEnoughEvents(
  stages: readonly ArmPair[],
  kind: 'proportion' | 'ratio' = 'proportion',
): boolean {
  return (['baseline', 'candidate'] as const).every((arm) => {
    const { n, sum } = totalOf(stages, arm);
    return sum >= minOfEach && (kind === 'ratio' ? n : n - sum) >= minOfEach;
  });
}

export function totalOf(stages: readonly ArmPair[], arm: keyof ArmPair): ArmTotals {
  return stages.map((stage) => stage[arm]).reduce(addTotals, none);
}

const none: ArmTotals = { n: 0, sum: 0, sumSquares: 0 };

function addTotals(a: ArmTotals, b: ArmTotals): ArmTotals {
  const users = a.users && b.users ? addUserSums(a.users, b.users) : (a.users ?? b.users);
  const sums = { n: a.n + b.n, sum: a.sum + b.sum, sumSquares: a.sumSquares + b.sumSquares };
  const uncapped = (a.uncapped ?? b.uncapped) ? addUncapped(a, b) : undefined;
  return { ...sums, ...(uncapped && { uncapped }), ...(users && { users }) };
}

function addUncapped(a: ArmTotals, b: ArmTotals): Pick<ArmTotals, 'sum' | 'sumSquares'> {
  const [first, second] = [a.uncapped ?? a, b.uncapped ?? b];
  return { sum: first.sum + second.sum, sumSquares: first.sumSquares + second.sumSquares };
}

/** Variance of one observation. That of a ratio is Poisson's, and the users' sums have what exceeds it. */
function spread({ n, sum, sumSquares }: ArmTotals, kind: DifferenceSettings['kind']): number {
  const mean = sum / n;
  if (kind === 'ratio') return mean;
  return kind === 'proportion' ? mean * (1 - mean) : Math.max(0, (sumSquares - sum * mean) / (n - 1));
}

interface Moments {
  mean: number;
  variance: number;
}

function subtract(a: Moments, b: Moments): { estimate: number; variance: number } {
  return { estimate: b.mean - a.mean, variance: a.variance + b.variance };
}

/** Delta method. Relative to the baseline's magnitude, so the sign gives the direction. */
function relate(a: Moments, b: Moments): { estimate: number; variance: number } | null {
  if (a.mean * a.mean <= surelyNotZero * a.variance) return null;
  const size = Math.abs(a.mean);
  return {
    estimate: (b.mean - a.mean) / size,
    variance: b.variance / size ** 2 + (a.variance * b.mean ** 2) / size ** 4,
  };
}

/** Minimum squared distance of the baseline's mean from zero, in standard errors, for a meaningful ratio. */
const surelyNotZero = 9;
