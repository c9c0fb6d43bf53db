/** A metric reader over recorded windows instead of CloudWatch. */
import type {
  MetricReader,
  SeriesPoint,
  SeriesQuery,
  SeriesReading,
} from '../../activities/metrics/metric-reader.js';
import type { Columns } from './columns.js';
import type { RecordedWindows } from './recorded-windows.js';

/**
 * Each point covers one period of the data. The caller combines points. A span beyond the data is partial, because
 * missing data must not count as no requests.
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
