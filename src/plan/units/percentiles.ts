/** CloudWatch's percentile statistics: `p99`, `p99.9`. */

/** Above p0, below p100, at most two decimals. */
export const percentilePattern = /^p(?=.*[1-9])\d{1,2}(\.\d{1,2})?$/;

/** `p99` -> 99. Null if the statistic is not a percentile. */
export function parsePercentile(stat: string): number | null {
  return percentilePattern.test(stat) ? Number(stat.slice(1)) : null;
}

/**
 * Minimum samples for a percentile: 10 / (1 - p), CloudWatch's own limit for too few samples; 1,000 for p99. Computed
 * in hundredths of a percent, because 10 / (1 - 0.999) is not 10,000 in binary fractions.
 */
export function minSamplesOf(percentile: number): number {
  return Math.ceil(100_000 / (10_000 - Math.round(percentile * 100)));
}
