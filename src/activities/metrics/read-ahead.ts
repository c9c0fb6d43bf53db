/** Reads many windows of a guardrail with one call for each series. */
import type { BoundGuardrail, MetricSeries } from '../../plan/compiled/guardrail.js';
import type { MetricReader, SeriesPoint, SeriesReading } from './metric-reader.js';
import { metricPeriodOf } from './periods.js';

/** Adjacent windows of one length. Milliseconds since the epoch. */
export interface WindowRange {
  fromMs: number;
  toMs: number;
  lengthMs: number;
}

/** Their value over a span follows from the values of its parts. */
const additiveStats = ['Sum', 'SampleCount', 'Minimum', 'Maximum'];

/**
 * A reader that answers from one reading of the whole range, if that is complete. It passes other queries on: a percentile
 * over several windows does not follow from those of each window.
 */
export async function readAhead(
  metrics: MetricReader,
  { metric }: Pick<BoundGuardrail, 'metric'>,
  range: WindowRange,
): Promise<MetricReader> {
  const { fromMs, toMs, lengthMs } = range;
  // One window needs no second call.
  if (toMs - fromMs <= lengthMs) return metrics;
  const periodSeconds = metricPeriodOf(fromMs, fromMs + lengthMs);
  const span = { fromMs, toMs, periodSeconds };
  if (metric.expression !== undefined) {
    const { expression, operands } = metric;
    const reading = await metrics.readExpression({ expression, operands, ...span });
    return {
      readSeries: (query) => metrics.readSeries(query),
      readExpression: (query) =>
        query.periodSeconds === periodSeconds && reading.kind === 'complete' && isWithin(query, range)
          ? Promise.resolve(pointsOf(reading.points, query))
          : metrics.readExpression(query),
    };
  }
  const series = [metric.numerator, ...(metric.denominator === null ? [] : [metric.denominator])];
  const readings = new Map<MetricSeries, SeriesReading>(
    await Promise.all(
      series.map(async (each): Promise<[MetricSeries, SeriesReading]> => [
        each,
        await metrics.readSeries({ series: each, ...span }),
      ]),
    ),
  );
  return {
    readExpression: (query) => metrics.readExpression(query),
    readSeries(query) {
      const reading = readings.get(query.series);
      const suffices = query.periodSeconds === periodSeconds || additiveStats.includes(query.series.stat);
      return reading?.kind === 'complete' && suffices && isWithin(query, range)
        ? Promise.resolve(pointsOf(reading.points, query))
        : metrics.readSeries(query);
    },
  };
}

type Span = Pick<WindowRange, 'fromMs' | 'toMs'>;

function isWithin({ fromMs, toMs }: Span, range: Span): boolean {
  return fromMs >= range.fromMs && toMs <= range.toMs;
}

function pointsOf(points: SeriesPoint[], { fromMs, toMs }: Span): SeriesReading {
  return { kind: 'complete', points: points.filter(({ atMs }) => atMs >= fromMs && atMs < toMs) };
}
