/** Percentile statistics as CloudWatch names them: `p99`, `p99.9`. */

/** Above p0, below p100, with at most two decimals. */
export const percentilePattern = /^p(?=.*[1-9])\d{1,2}(\.\d{1,2})?$/;

/** `p99` -> 99. Null where the statistic is not a percentile. */
export function parsePercentile(stat: string): number | null {
  return percentilePattern.test(stat) ? Number(stat.slice(1)) : null;
}

/**
 * Fewest samples that carry a percentile: 10 / (1 - p), where CloudWatch itself stops calling them few; 1,000 for p99.
 * Counted in hundredths of a percent: 10 / (1 - 0.999) is not 10,000 in binary fractions.
 */
export function minSamplesOf(percentile: number): number {
  return Math.ceil(100_000 / (10_000 - Math.round(percentile * 100)));
}
