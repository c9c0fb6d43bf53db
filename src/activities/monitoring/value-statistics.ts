/**
 * Capped sums from CloudWatch's statistics of a value and of its squares. `TC(320:)` counts the values above 320, and
 * `TS(:320)` adds up those that are at most 320: bounds by value are exclusive below and inclusive above. CloudWatch has
 * them only for single values from 0 on. Source: "CloudWatch statistics definitions",
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
 */
import { winsorise, type PeriodValues } from '../../analysis/statistics/winsorised.js';
import type { MetricSeries } from '../../plan/compiled/guardrail.js';
import type { SeriesPoint } from '../metrics/metric-reader.js';

/** A value and its squares. */
export interface ValueSeries {
  total: MetricSeries;
  squares: MetricSeries;
}

/** The series to read for each statistic. */
export function valueStatistics(
  { total, squares }: ValueSeries,
  cap: number,
): Record<keyof PeriodValues, MetricSeries> {
  const [bound, square] = [decimal(cap), decimal(cap * cap)];
  return {
    sum: { ...total, stat: 'Sum' },
    count: { ...total, stat: 'SampleCount' },
    minimum: { ...total, stat: 'Minimum' },
    maximum: { ...total, stat: 'Maximum' },
    above: { ...total, stat: `TC(${bound}:)` },
    within: { ...total, stat: `TS(:${bound})` },
    squares: { ...squares, stat: 'Sum' },
    squaresCount: { ...squares, stat: 'SampleCount' },
    squaresWithin: { ...squares, stat: `TS(:${square})` },
  };
}

const statistics = [
  'sum',
  'count',
  'minimum',
  'maximum',
  'above',
  'within',
  'squares',
  'squaresCount',
  'squaresWithin',
] as const satisfies readonly (keyof PeriodValues)[];

/** CloudWatch accepts ten decimals and no exponent. */
function decimal(value: number): string {
  return value.toFixed(10).replace(/\.?0+$/, '');
}

/** The capped sums of one period. Null: CloudWatch's data does not give them. */
export interface CappedPoint {
  atMs: number;
  sums: { total: number; squares: number } | null;
  uncapped: { total: number; squares: number };
}

/** `points`: of each statistic, over the same periods. Periods without any value are absent. */
export function cappedPoints(
  points: Partial<Record<keyof PeriodValues, SeriesPoint[]>>,
  cap: number,
): CappedPoint[] {
  const periods = new Map<number, Partial<PeriodValues>>();
  for (const statistic of statistics)
    for (const { atMs, value } of points[statistic] ?? [])
      periods.set(atMs, { ...periods.get(atMs), [statistic]: value });
  return [...periods].map(([atMs, { sum, ...others }]) => {
    const capped = sum === undefined ? null : winsorise({ sum, ...others }, cap);
    return {
      atMs,
      sums: capped && { total: capped.sum, squares: capped.sumSquares },
      uncapped: { total: sum ?? 0, squares: others.squares ?? 0 },
    };
  });
}
