/** Recorded windows in the place of CloudWatch. */
import {
  merge,
  type MetricReader,
  type Point,
  type SeriesQuery,
  type SeriesReading,
} from '../activities/metric-reader.js';
import type { Columns } from './columns.js';
import type { RecordedWindows } from './recorded-windows.js';

/** A span that goes beyond the data is partial: what is not recorded must not pass for silence. */
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
  const first = (fromMs - windows.fromMs) / periodMs;
  const each = (periodSeconds * 1000) / periodMs;
  const points: Point[] = [];
  for (let atMs = fromMs, slot = first; atMs < toMs; atMs += periodSeconds * 1000, slot += each) {
    const value = valueOf(values, slot, each, series.stat);
    if (value !== null) points.push({ atMs, value });
  }
  return { kind: 'complete', points };
}

/** Of one period of the query, from those of the data; null where nothing was recorded. */
function valueOf(values: Float64Array, slot: number, each: number, stat: string): number | null {
  if (each === 1) {
    const value = values[slot] ?? NaN;
    return Number.isNaN(value) ? null : value;
  }
  const known = [...values.subarray(slot, slot + each)].filter((value) => !Number.isNaN(value));
  return known.length === 0 ? null : merge(known, stat);
}
