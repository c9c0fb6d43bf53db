/** Requests slower than a threshold, as CloudWatch counts them: `TC(300000:)`, the values above 300,000 µs. Pure. */
import type { MetricSeries } from '../compiled/guardrail.js';

export const slowMetric = 'ModelLatency';

/** Its lower bound is not within: a request of exactly `ms` is not slower. Source: "CloudWatch statistics definitions". */
export function slowerThanStat(ms: number): string {
  return `TC(${ms * 1_000}:)`;
}

/** Milliseconds; null where the series counts anything else. */
export function slowerThanMsOf({ namespace, name, stat }: MetricSeries): number | null {
  const [, microseconds] = /^TC\((\d+):\)$/.exec(stat) ?? [];
  const isSlow = namespace === 'AWS/SageMaker' && name === slowMetric && microseconds !== undefined;
  return isSlow ? Number(microseconds) / 1_000 : null;
}
