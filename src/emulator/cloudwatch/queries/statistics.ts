import { ServiceError } from '../../http/service-error.js';
import type { Distribution } from '../metrics/distribution.js';
import { byPeriod } from '../metrics/periods.js';
import type { MetricPoint } from '../metrics/point.js';
import type { Retention } from '../metrics/retention.js';
import { parseTrimmed, trimmedStatistic } from './trimmed-statistics.js';

export interface Statistic {
  /** Null if CloudWatch has no value, as for percentiles of negative values. */
  of: (values: Distribution) => number | null;
  /** Count, sum, minimum and maximum suffice. */
  isOfSummary: boolean;
}

export interface Datapoint {
  /** Epoch ms. */
  start: number;
  value: number;
  sampleCount: number;
}

const plain: Record<string, Statistic['of']> = {
  Sum: (values) => values.sum,
  SampleCount: (values) => values.count,
  Average: (values) => values.sum / values.count,
  Minimum: (values) => values.minimum,
  Maximum: (values) => values.maximum,
};

/** Parses `Average` etc., percentiles (`p99`, `p99.9`) and trimmed ones (`tm90`, `TM(10%:90%)`, `PR(:300)`, `IQM`). */
export function parseStatistic(stat: string): Statistic {
  const known = plain[stat];
  if (known) return { of: known, isOfSummary: true };
  const percent = percentileOfStatistic(stat);
  if (percent !== null) return { of: (values) => values.percentile(percent), isOfSummary: false };
  const trimmed = parseTrimmed(stat);
  if (trimmed) return { of: (values) => trimmedStatistic(values, trimmed), isOfSummary: false };
  throw new ServiceError('ValidationError', `The value ${stat} for parameter Stat is not supported.`);
}

/** The percent of a percentile statistic. Null for any other statistic. */
export function percentileOfStatistic(stat: string): number | null {
  const [, digits] = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/.exec(stat) ?? [];
  return digits === undefined ? null : Number(digits);
}

/** One value for each period of `periodMs` with data, from `from` on. Periods without data are absent. */
export function aggregate(
  points: readonly MetricPoint[],
  statistic: Statistic,
  from: number,
  periodMs: number,
): Datapoint[] {
  return datapointsOf(byPeriod(points, { from, periodMs }, statistic.isOfSummary), statistic);
}

/** `periods`: the data of each period. */
export function datapointsOf(periods: readonly MetricPoint[], statistic: Statistic): Datapoint[] {
  const datapoints: Datapoint[] = [];
  for (const { start, values } of periods) {
    const value = statistic.of(values);
    if (value !== null) datapoints.push({ start, value, sampleCount: values.count });
  }
  return datapoints;
}

/** Like CloudWatch, finds no points that are older than the max age of the period's resolution. */
export function withinRetention(
  points: readonly MetricPoint[],
  retention: Retention,
  periodMs: number,
  now: number,
): MetricPoint[] {
  return points.filter(({ start }) => {
    const resolutionMs = retention.resolutionAt(now - start);
    return resolutionMs !== null && resolutionMs <= periodMs;
  });
}
