/** Recorded windows in the place of CloudWatch. */
import type {
  MetricReader,
  SeriesPoint,
  SeriesQuery,
  SeriesReading,
} from '../../activities/metrics/metric-reader.js';
import type { Columns } from './columns.js';
import type { RecordedWindows } from './recorded-windows.js';

/**
 * Points are of the data's periods: how several make one value is for the reader of the metric to say. A span that goes
 * beyond the data is partial: what is not recorded must not pass for silence.
 */
export function createRecordedReader(windows: RecordedWindows, columns: Columns): MetricReader {
  return {
    readSeries: (query) => Promise.resolve(read(windows, columns, query)),
    readExpression: () =>
      Promise.resolve({ kind: 'failed', reason: 'recorded data has no expressions' } as const),
  };
}

function read(windows: RecordedWindows, columns: Columns, query: SeriesQuery): SeriesReading {
  const { series, fromMs, toMs, periodSeconds } = query;
  const { periodMs } = windows;
  const source = columns.sourceOf(series);
  if (source === null) return { kind: 'failed', reason: `${series.name} is not in the data` };
  if ((periodSeconds * 1000) % periodMs !== 0 || (fromMs - windows.fromMs) % periodMs !== 0)
    return { kind: 'failed', reason: `the data has no periods of ${periodSeconds} s` };
  if (toMs > windows.toMs || fromMs < windows.fromMs) return { kind: 'partial' };
  const values = windows.values[source.role].get(source.column) ?? new Float64Array();
  const points: SeriesPoint[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += periodMs) {
    const value = values[(atMs - windows.fromMs) / periodMs] ?? NaN;
    if (!Number.isNaN(value)) points.push({ atMs, value });
  }
  return { kind: 'complete', points };
}
