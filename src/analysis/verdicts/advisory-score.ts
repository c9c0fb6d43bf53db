/**
 * An advisory comparison of window means, as in other canary judges: Mann-Whitney with the Hodges-Lehmann shift. It
 * is shown to people who know such scores, and no decision depends on it. With repeated polls its error rate is far
 * above its confidence level, and correlated windows increase it further (docs/statistics.md).
 */
import type { Role } from '../../plan/compiled/names.js';

/** Events per request, or value per request, of one window. */
export type WindowMeans = Record<Role, number>;

export interface AdvisoryScore {
  /** Always `advisory`: no decision depends on the score. */
  kind: 'advisory';
  /** Windows compared. */
  windows: number;
  /** `high`, `low`: the candidate's windows differ by more than the tolerance. Otherwise `alike`. */
  candidate: 'high' | 'low' | 'alike';
  /** Percent of the window pairs in which the candidate is higher. Ties count half. */
  higherPercent: number;
  /** Median difference of all window pairs, candidate minus baseline, with its 98 % interval. */
  shift: number;
  interval: { lower: number; upper: number };
}

/** Quantile of the normal distribution for a 98 % interval. */
const quantile = 2.3263478740408408;
/** The interval must differ from zero by more than this fraction of the shift. */
const tolerance = 0.25;

const maxWindows = 50;

/** Four digits are enough for ranks, and keep the carried state small. */
export function addMeans(recent: readonly WindowMeans[], means: WindowMeans): WindowMeans[] {
  const round = (value: number) => Number(value.toPrecision(4));
  const rounded = { baseline: round(means.baseline), candidate: round(means.candidate) };
  return [...recent, rounded].slice(-maxWindows);
}

/** Null if there are too few windows for an interval, or if all windows are equal. */
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
