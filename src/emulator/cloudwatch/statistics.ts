import { Distribution } from './distribution.js';
import type { Point } from './store.js';

/** The statistic's value over all that the distribution holds. Percentiles are written `p99`, `p99.9`. */
export function statisticOf(values: Distribution, stat: string): number {
  switch (stat) {
    case 'Sum':
      return values.sum;
    case 'SampleCount':
      return values.count;
    case 'Average':
      return values.sum / values.count;
    case 'Minimum':
      return values.minimum;
    case 'Maximum':
      return values.maximum;
    default:
      return values.percentile(Number(stat.slice(1)));
  }
}

/** One value for each period of `periodMs` from `from` on in which there is data; the others are absent. */
export function aggregate(
  points: Point[],
  stat: string,
  from: number,
  periodMs: number,
): { start: number; value: number }[] {
  const periods = new Map<number, Distribution>();
  for (const point of points) {
    const start = from + Math.floor((point.start - from) / periodMs) * periodMs;
    const merged = periods.get(start) ?? new Distribution();
    merged.merge(point.values);
    periods.set(start, merged);
  }
  return [...periods]
    .sort(([a], [b]) => a - b)
    .map(([start, values]) => ({ start, value: statisticOf(values, stat) }));
}
