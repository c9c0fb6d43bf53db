/** What the judges need of a metric store: CloudWatch, or what was recorded of it. */
import type { Measurement } from '../../analysis/verdicts/judge-bound.js';
import type { BoundGuardrail, ExpressionMetric, MetricSeries } from '../../plan/compiled/guardrail.js';
import { metricPeriodOf } from './periods.js';

export interface SeriesPoint {
  atMs: number;
  value: number;
}

/** What CloudWatch has of a series; `points` only where it says that it is all of it. */
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
  /** Its points may be of shorter periods than asked for. Never throws: a failing read is a reading, and the look goes on. */
  readSeries: (query: SeriesQuery) => Promise<SeriesReading>;
}

export interface MetricReader extends SeriesReader {
  /** What metric math makes of the operands. No point where one of them is missing. Never throws. */
  readExpression: (query: ExpressionQuery) => Promise<SeriesReading>;
}

interface TimeRange {
  fromMs: number;
  toMs: number;
}

/** Which of several parts' values stands for a whole that cannot be had from them. */
type Extreme = 'highest' | 'lowest';

/** The metric's one value over the span, in its unit. */
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
  return { kind: 'value', value: (numerator.value / denominator.value) * metric.scale };
}

/**
 * One period where CloudWatch can. Of several, the one that is nearest to the bound or beyond it stands for the span: an
 * expression of the whole cannot be had from those of its parts. A part that is missing leaves the whole unknown.
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

/** One number for the whole span: one period where CloudWatch can, else the periods' values merged. */
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
 * Sums and counts add up and extremes stay extremes. A percentile or an average of the whole lies between those of its parts,
 * nobody knows where: the worst part stands for it.
 */
function merge(values: number[], stat: string, worst: Extreme): number {
  if (stat === 'Sum' || stat === 'SampleCount' || stat.startsWith('TC('))
    return values.reduce((sum, value) => sum + value, 0);
  if (stat === 'Minimum') return extremeOf(values, 'lowest');
  return extremeOf(values, stat === 'Maximum' ? 'highest' : worst);
}

function extremeOf(values: number[], extreme: Extreme): number {
  return extreme === 'highest' ? Math.max(...values) : Math.min(...values);
}
