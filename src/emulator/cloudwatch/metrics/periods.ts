import { Distribution } from './distribution.js';
import type { MetricPoint } from './point.js';

/** The periods of a query. */
export interface Periods {
  /** Start of the first period (epoch ms). */
  from: number;
  /** Points that start earlier are left out: CloudWatch no longer has them at this period. */
  earliest: number;
  /** Points that start at or after it are left out. */
  to: number;
  periodMs: number;
}

/** Start of the period to which a point belongs. */
export function periodStartOf(start: number, { from, periodMs }: Pick<Periods, 'from' | 'periodMs'>): number {
  return from + Math.floor((start - from) / periodMs) * periodMs;
}

/** One new point for each period with data. `isSummary`: without percentiles. */
export function byPeriod(
  points: readonly MetricPoint[],
  periods: Pick<Periods, 'from' | 'periodMs'>,
  isSummary: boolean,
): MetricPoint[] {
  const groups: MetricPoint[] = [];
  for (const { start: pointStart, values } of points) {
    const start = periodStartOf(pointStart, periods);
    const last = groups.at(-1);
    if (last?.start === start) last.values.merge(values);
    else
      groups.push({
        start,
        values: isSummary ? Distribution.summaryOf(values) : Distribution.copyOf(values),
      });
  }
  return groups;
}
