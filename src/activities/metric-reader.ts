/** What the judges need of a metric store: CloudWatch, or what was recorded of it. */
import type { Measurement } from '../analysis/judge-bound.js';
import type { Metric, Series } from '../plan/plan.js';
import { periodOf } from './periods.js';

export interface Point {
  atMs: number;
  value: number;
}

/** What CloudWatch has of a series; `points` only where it says that it is all of it. */
export type SeriesReading =
  { kind: 'complete'; points: Point[] } | { kind: 'partial' } | { kind: 'failed'; reason: string };

export interface SeriesQuery {
  series: Series;
  fromMs: number;
  toMs: number;
  periodSeconds: number;
}

export interface MetricReader {
  /** Never throws: a failing read is a reading, and the look goes on. */
  readSeries: (query: SeriesQuery) => Promise<SeriesReading>;
}

/** The metric's one value over the span, in its unit. */
export async function measure(
  reader: MetricReader,
  metric: Metric,
  fromMs: number,
  toMs: number,
): Promise<Measurement> {
  const [numerator, denominator] = await Promise.all([
    readSpan(reader, metric.numerator, fromMs, toMs),
    metric.denominator === null ? null : readSpan(reader, metric.denominator, fromMs, toMs),
  ]);
  if (numerator.kind !== 'value') return numerator;
  if (denominator === null) return { kind: 'value', value: numerator.value * metric.scale };
  if (denominator.kind !== 'value') return denominator;
  if (denominator.value === 0) return { kind: 'absent' };
  return { kind: 'value', value: (numerator.value / denominator.value) * metric.scale };
}

/** One number for the whole span: one period where CloudWatch can, else the periods' values merged. */
export async function readSpan(
  { readSeries }: MetricReader,
  series: Series,
  fromMs: number,
  toMs: number,
): Promise<Measurement> {
  const reading = await readSeries({ series, fromMs, toMs, periodSeconds: periodOf(fromMs, toMs) });
  if (reading.kind !== 'complete') return reading;
  if (reading.points.length === 0) return { kind: 'absent' };
  const value = merge(
    reading.points.map((point) => point.value),
    series.stat,
  );
  return Number.isFinite(value) ? { kind: 'value', value } : { kind: 'notANumber' };
}

/**
 * Sums and counts add up and extremes stay extremes. A percentile or an average of the whole cannot be had from those of its parts:
 * the largest part stands for it, which it cannot exceed.
 */
export function merge(values: number[], stat: string): number {
  if (stat === 'Sum' || stat === 'SampleCount' || stat.startsWith('TC('))
    return values.reduce((sum, value) => sum + value, 0);
  return stat === 'Minimum' ? Math.min(...values) : Math.max(...values);
}
