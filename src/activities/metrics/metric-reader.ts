/** Reads metrics from a metric store: CloudWatch, or data that was recorded from it. */
import type { Measurement } from '../../analysis/verdicts/bound-judgement.js';
import type { BoundGuardrail, ExpressionMetric, MetricSeries } from '../../plan/compiled/guardrail.js';
import { metricPeriodOf } from './periods.js';

export interface SeriesPoint {
  atMs: number;
  value: number;
}

/** Data of one series. `points` exist only if CloudWatch reports that the data is complete. */
export type SeriesReading =
  { kind: 'complete'; points: SeriesPoint[] } | { kind: 'partial' } | { kind: 'failed'; reason: string };

export interface SeriesQuery {
  series: MetricSeries;
  fromMs: number;
  toMs: number;
  periodSeconds: number;
}

export type ExpressionQuery = Omit<SeriesQuery, 'series'> & Pick<ExpressionMetric, 'expression' | 'operands'>;

export interface SeriesReader {
  /**
   * Points may have shorter periods than requested. Never throws: a failed read is a reading too, so the poll
   * continues.
   */
  readSeries: (query: SeriesQuery) => Promise<SeriesReading>;
}

export interface MetricReader extends SeriesReader {
  /** Values of a metric math expression. A period without data of an operand has no point. Never throws. */
  readExpression: (query: ExpressionQuery) => Promise<SeriesReading>;
}

interface TimeRange {
  fromMs: number;
  toMs: number;
}

/** The part whose value represents the whole span, if the parts cannot give the exact value. */
type Extreme = 'highest' | 'lowest';

/** The metric's value over the span, in its unit. */
export async function readSeries(
  reader: MetricReader,
  guardrail: Pick<BoundGuardrail, 'metric' | 'direction'>,
  fromMs: number,
  toMs: number,
): Promise<Measurement> {
  const { metric, direction } = guardrail;
  const span = { fromMs, toMs };
  const worst = direction === 'below' ? 'highest' : 'lowest';
  const best = direction === 'below' ? 'lowest' : 'highest';
  if (metric.expression !== undefined) return measureExpression(reader, metric, worst, span);
  const [numerator, denominator] = await Promise.all([
    readSpan(reader, metric.numerator, worst, span),
    metric.denominator === null ? null : readSpan(reader, metric.denominator, best, span),
  ]);
  if (numerator.kind !== 'value') return numerator;
  if (denominator === null) return { kind: 'value', value: numerator.value * metric.scale };
  if (denominator.kind !== 'value') return denominator;
  if (denominator.value === 0) return { kind: 'absent' };
  const value = (numerator.value / denominator.value) * metric.scale;
  const isRate = [metric.numerator, metric.denominator].every((series) => series && isAdditive(series.stat));
  if (!isRate) return { kind: 'value', value };
  return { kind: 'value', value, counts: { events: numerator.value, requests: denominator.value } };
}

/**
 * Uses one period for the span if CloudWatch supports its length. With several periods, the worst one
 * represents the span, because the values of the parts do not give the value of the whole expression. If one
 * period has no value, the span has none.
 */
async function measureExpression(
  { readExpression }: MetricReader,
  { expression, operands, scale }: ExpressionMetric,
  worst: Extreme,
  { fromMs, toMs }: TimeRange,
): Promise<Measurement> {
  const periodSeconds = metricPeriodOf(fromMs, toMs);
  const reading = await readExpression({ expression, operands, fromMs, toMs, periodSeconds });
  if (reading.kind !== 'complete') return reading;
  if (reading.points.length < (toMs - fromMs) / (periodSeconds * 1000)) return { kind: 'absent' };
  const values = reading.points.map(({ value }) => value);
  const value = extremeOf(values, worst);
  return Number.isFinite(value) ? { kind: 'value', value: value * scale } : { kind: 'notANumber' };
}

/**
 * One number for the whole span: one period if CloudWatch supports its length, else the merged values of
 * several.
 */
export async function readSpan(
  { readSeries }: SeriesReader,
  series: MetricSeries,
  worst: Extreme,
  { fromMs, toMs }: TimeRange,
): Promise<Measurement> {
  const reading = await readSeries({ series, fromMs, toMs, periodSeconds: metricPeriodOf(fromMs, toMs) });
  if (reading.kind !== 'complete') return reading;
  if (reading.points.length === 0) return { kind: 'absent' };
  const values = reading.points.map(({ value }) => value);
  const value = merge(values, series.stat, worst);
  return Number.isFinite(value) ? { kind: 'value', value } : { kind: 'notANumber' };
}

/**
 * Sums and counts are added; a minimum or maximum is taken over the parts. A percentile or an average of the
 * whole is somewhere between those of its parts, so the worst part represents it.
 */
function merge(values: number[], stat: string, worst: Extreme): number {
  if (isAdditive(stat)) return values.reduce((sum, value) => sum + value, 0);
  if (stat === 'Minimum') return extremeOf(values, 'lowest');
  return extremeOf(values, stat === 'Maximum' ? 'highest' : worst);
}

function isAdditive(stat: string): boolean {
  return stat === 'Sum' || stat === 'SampleCount' || stat.startsWith('TC(');
}

function extremeOf(values: number[], extreme: Extreme): number {
  return extreme === 'highest' ? Math.max(...values) : Math.min(...values);
}
