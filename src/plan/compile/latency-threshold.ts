/** Requests slower than a threshold. CloudWatch counts them with `TC(300000:)`: the values above 300,000 µs. Pure. */
import type { MetricSeries } from '../compiled/guardrail.js';

export const slowMetric = 'ModelLatency';

/**
 * The lower bound is exclusive: a request of exactly `ms` does not count. Source: "CloudWatch statistics
 * definitions".
 */
export function slowerThanStat(ms: number): string {
  return `TC(${ms * 1_000}:)`;
}

/** Milliseconds. Null if the series does not count slow requests. */
export function slowerThanMsOf({ namespace, name, stat }: MetricSeries): number | null {
  const [, microseconds] = /^TC\((\d+):\)$/.exec(stat) ?? [];
  const isSlow = namespace === 'AWS/SageMaker' && name === slowMetric && microseconds !== undefined;
  return isSlow ? Number(microseconds) / 1_000 : null;
}
