/**
 * Winsorised values: a value above the cap counts as the cap. Without a cap, a few values of a heavy-tailed metric (money)
 * dominate the spread, and the normal approximation is poor for millions of requests.
 *
 * Any cap that does not depend on the models is valid. One that is a percentile of both models' first data is so in the
 * limit. The cap is fixed before the first window is judged with it.
 */
import { totalOf, type ArmPair, type ArmTotals } from './arm-difference.js';

/** CloudWatch's statistics of the values of one period. Absent: CloudWatch has no such statistic for these values. */
export interface PeriodValues {
  sum: number;
  count?: number;
  minimum?: number;
  maximum?: number;
  /** Number of values above the cap, and sum of the values up to it. */
  above?: number;
  within?: number;
  squares?: number;
  squaresCount?: number;
  /** Sum of the squares up to the square of the cap. */
  squaresWithin?: number;
}

/** Null if the period has values beyond the cap that cannot be counted, or if squares are not those of the values. */
export function winsorise(values: PeriodValues, cap: number): Pick<ArmTotals, 'sum' | 'sumSquares'> | null {
  const { sum, count, minimum, maximum, above, within, squares, squaresCount, squaresWithin } = values;
  if (squares === undefined || minimum === undefined || maximum === undefined) return null;
  if (maximum <= cap && minimum >= -cap) return { sum, sumSquares: squares };
  if (above === undefined || within === undefined || squaresWithin === undefined) return null;
  if (minimum < 0 || count === undefined || count !== squaresCount) return null;
  return { sum: within + above * cap, sumSquares: squaresWithin + above * cap * cap };
}

/** Counts of one model before the cap is known. */
export interface FirstCounts {
  requests: number;
  /** Values that were reported, and those of them that are not zero. */
  values: number;
  nonZero: number;
}

/** At most this part of the values other than zero is above the cap, however few of the requests have such a value. */
const maxCappedPart = 0.05;

/**
 * The percentile of the reported values that is the percentile `percent` of all requests: requests without a report have
 * the value zero. Null without a value other than zero.
 */
export function reportedPercentile(
  { requests, values, nonZero }: FirstCounts,
  percent: number,
): number | null {
  if (!(nonZero > 0 && values >= nonZero)) return null;
  const beyond = Math.min((requests * (100 - percent)) / 100, maxCappedPart * nonZero);
  return Math.floor(1e4 * (100 - (100 * beyond) / values)) / 1e4;
}

/**
 * The greater of both models' percentiles, rounded up to two digits. Null if there is none above zero. The greater one,
 * so that a candidate with greater values is not cut to the baseline's.
 */
export function capOf(percentiles: readonly number[]): number | null {
  const greatest = Math.max(...percentiles);
  if (!Number.isFinite(greatest) || greatest <= 0) return null;
  const unit = 10 ** (Math.floor(Math.log10(greatest)) - 1);
  return Number((Math.ceil(greatest / unit - 1e-9) * unit).toPrecision(2));
}

/** Minimum of values other than zero in each arm, as that many equal ones would count. */
export const minValues = 100;
/** Minimum weight of the values in each arm. A value at the cap weighs 1, half of it a quarter, zero nothing. */
export const minWeight = 10;
/** Minimum weight of what the values lack to the cap: as for requests without an event. */
const minWeightBelow = 30;

/** Kish's effective sample size: the number of equal values with this sum and sum of squares. Zeros do not count. */
export function effectiveCount({ sum, sumSquares }: Pick<ArmTotals, 'sum' | 'sumSquares'>): number {
  return sumSquares === 0 ? 0 : (sum * sum) / sumSquares;
}

export function weightOf({ sumSquares }: Pick<ArmTotals, 'sumSquares'>, cap: number): number {
  return sumSquares / (cap * cap);
}

/**
 * Whether the normal approximation is good enough for capped values (docs/statistics.md has the error rates). `cap: null`:
 * a forecast, which does not know it.
 */
export function hasEnoughValues(stages: readonly ArmPair[], cap: number | null): boolean {
  return (['baseline', 'candidate'] as const).every((arm) => {
    const totals = totalOf(stages, arm);
    if (effectiveCount(totals) < minValues) return false;
    if (cap === null) return true;
    const below = totals.n - (2 * totals.sum) / cap + weightOf(totals, cap);
    return weightOf(totals, cap) >= minWeight && below >= minWeightBelow;
  });
}
