import { mapSeries, type TimeSeries, type MathValue } from './value.js';

export type Filler = { kind: 'value'; value: number | TimeSeries } | { kind: 'REPEAT' | 'LINEAR' };

/** Gives the series a value at each time. Times before the first value can be filled only by a given value. */
export function fill(series: TimeSeries, times: number[], filler: Filler): TimeSeries {
  const points = new Map<number, number>();
  const known = [...series.points];
  let index = -1;
  for (const start of times) {
    while ((known[index + 1]?.[0] ?? Infinity) <= start) index += 1;
    const value = series.points.get(start) ?? fillerAt(filler, start, known[index], known[index + 1]);
    if (value !== undefined) points.set(start, value);
  }
  return { ...series, points };
}

type Known = [start: number, value: number] | undefined;

function fillerAt(filler: Filler, start: number, before: Known, after: Known): number | undefined {
  if (filler.kind === 'value') {
    return typeof filler.value === 'number' ? filler.value : filler.value.points.get(start);
  }
  if (filler.kind === 'REPEAT') return before?.[1];
  if (!before || !after) return undefined;
  return before[1] + ((after[1] - before[1]) * (start - before[0])) / (after[0] - before[0]);
}

/**
 * IF(condition, then, else), at each time of the condition. If the condition is true and `then` has no value, the
 * result is 0. If it is false and there is no `else`, the point is dropped. Source: "Using IF expressions" in the
 * user guide.
 */
export function choose(
  condition: TimeSeries,
  then: number | TimeSeries,
  otherwise: number | TimeSeries | null,
): MathValue {
  return mapSeries(condition, (value, start) => {
    if (value !== 0) return typeof then === 'number' ? then : (then.points.get(start) ?? 0);
    return typeof otherwise === 'number' ? otherwise : (otherwise?.points.get(start) ?? null);
  });
}
