/**
 * An advisory comparison of window means, as canary judges make it: Mann-Whitney with the Hodges-Lehmann shift. For people
 * who know such scores, and never a reason for anything: looked at again and again it is wrong far more often than its
 * confidence says, and windows that resemble their neighbours make it worse (docs/statistics.md).
 */
import type { Role } from '../../plan/compiled/names.js';

/** Of one window, events or a value per request. */
export type WindowMeans = Record<Role, number>;

export interface AdvisoryScore {
  /** Always: nothing decides by it. */
  kind: 'advisory';
  /** Windows compared. */
  windows: number;
  /** `high`, `low`: the candidate's windows are, by more than the tolerance; else `alike`. */
  candidate: 'high' | 'low' | 'alike';
  /** In so many of 100 pairs of windows the candidate's is the higher one; ties count half. */
  higherPercent: number;
  /** Median of the differences between any two windows, candidate minus baseline, and its interval of 98 %. */
  shift: number;
  interval: { lower: number; upper: number };
}

/** Of the normal distribution, for an interval of 98 %. */
const quantile = 2.3263478740408408;
/** Of the shift itself: so much of it the interval has to be clear of zero. */
const tolerance = 0.25;

const maxWindows = 50;

/** Four digits are enough for ranks, and keep what is carried small. */
export function addMeans(recent: readonly WindowMeans[], means: WindowMeans): WindowMeans[] {
  const shorten = (value: number) => Number(value.toPrecision(4));
  const shortened = { baseline: shorten(means.baseline), candidate: shorten(means.candidate) };
  return [...recent, shortened].slice(-maxWindows);
}

/** Null where there are too few windows for an interval, or they are all alike. */
export function scoreWindows(recent: readonly WindowMeans[]): AdvisoryScore | null {
  const differences = recent
    .flatMap(({ candidate }) => recent.map(({ baseline }) => candidate - baseline))
    .sort((a, b) => a - b);
  const pairs = differences.length;
  const spread = Math.sqrt((pairs * (2 * recent.length + 1)) / 12);
  const rank = Math.floor(pairs / 2 - quantile * spread);
  if (rank < 1 || differences[0] === differences[pairs - 1]) return null;
  const interval = { lower: differences[rank - 1]!, upper: differences[pairs - rank]! };
  const shift = (differences[Math.floor((pairs - 1) / 2)]! + differences[Math.floor(pairs / 2)]!) / 2;
  const higher = differences.filter((difference) => difference > 0).length;
  const equal = differences.filter((difference) => difference === 0).length;
  return {
    kind: 'advisory',
    windows: recent.length,
    candidate: classify(interval, tolerance * Math.abs(shift)),
    higherPercent: (100 * (higher + equal / 2)) / pairs,
    shift,
    interval,
  };
}

function classify({ lower, upper }: AdvisoryScore['interval'], critical: number): AdvisoryScore['candidate'] {
  if (lower > critical) return 'high';
  return upper < -critical ? 'low' : 'alike';
}
