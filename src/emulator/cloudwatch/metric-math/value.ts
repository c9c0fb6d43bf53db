import { MathError } from './math-error.js';

/** Values by the start of the period (epoch ms), in order of time. A period without data is absent. */
export interface TimeSeries {
  label: string;
  periodMs: number;
  points: Map<number, number>;
}

/** CloudWatch's types S, TS and TS[]. */
export type MathValue = number | TimeSeries | TimeSeries[];

export function mathTypeName(value: MathValue): string {
  if (typeof value === 'number') return 'Scalar';
  return Array.isArray(value) ? 'Array[TimeSeries]' : 'TimeSeries';
}

/** Replaces each value of the series. Values that are not finite, as after a division by zero, are dropped. */
export function mapSeries(
  series: TimeSeries,
  change: (value: number, start: number) => number | null,
): TimeSeries {
  const points = new Map<number, number>();
  for (const [start, value] of series.points) {
    const changed = change(value, start);
    if (changed !== null && Number.isFinite(changed)) points.set(start, changed);
  }
  return { ...series, points };
}

/** All times at which at least one series has a value, in order. */
export function seriesTimesOf(all: TimeSeries[]): number[] {
  return [...new Set(all.flatMap((series) => [...series.points.keys()]))].sort((a, b) => a - b);
}

/** One series whose value at each time is computed from the values of the given series. */
export function combine(all: TimeSeries[], make: (values: number[], of: number) => number): TimeSeries {
  const points = new Map<number, number>();
  for (const start of seriesTimesOf(all)) {
    const values = all.flatMap((series) => series.points.get(start) ?? []);
    points.set(start, make(values, all.length));
  }
  return { label: all[0]?.label ?? '', periodMs: all[0]?.periodMs ?? 60_000, points };
}

/** Applies the change to a series, or to each series of an array. */
export function mapEach(
  value: MathValue,
  name: string,
  change: (series: TimeSeries) => TimeSeries,
): MathValue {
  if (typeof value === 'number') throw unsupportedArgument(name, value);
  return Array.isArray(value) ? value.map(change) : change(value);
}

export function unsupportedArgument(name: string, value: MathValue): MathError {
  return new MathError(`Function '${name}' does not support an argument of type ${mathTypeName(value)}`);
}
