import { MathError } from './math-error.js';
import {
  combine,
  mapEach,
  mapSeries,
  type TimeSeries,
  unsupportedArgument,
  type MathValue,
} from './value.js';

const elementwise: Record<string, (value: number) => number> = {
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
  LOG: Math.log,
  LOG10: Math.log10,
};

/** Functions of the present values. `of`: number of all series, including those without a value. */
const summaries: Record<string, (values: number[], of: number) => number> = {
  SUM: (values) => sum(values),
  AVG: (values, of) => sum(values) / of,
  MIN: (values) => values.reduce((a, b) => Math.min(a, b), Infinity),
  MAX: (values) => values.reduce((a, b) => Math.max(a, b), -Infinity),
  STDDEV: (values, of) => {
    const mean = sum(values) / of;
    return Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / of);
  },
  DATAPOINT_COUNT: (values) => values.length,
};

/** Functions of each value and the previous one. The first value is dropped. */
const successive: Record<string, (rise: number, seconds: number) => number> = {
  DIFF: (rise) => rise,
  DIFF_TIME: (_, seconds) => seconds,
  RATE: (rise, seconds) => rise / seconds,
};

/** Functions of one argument that do not need the request. Null for any other name. */
export function functionOf(name: string): ((value: MathValue) => MathValue) | null {
  const element = elementwise[name];
  if (element) return (value) => mapEach(value, name, (series) => mapSeries(series, element));
  const summary = summaries[name];
  if (summary) return (value) => summarize(name, value, summary);
  const step = successive[name];
  if (step) return (value) => mapEach(value, name, (series) => stepwise(series, step));
  return others[name] ?? null;
}

const others: Record<string, (value: MathValue) => MathValue> = {
  RUNNING_SUM: (value) => mapEach(value, 'RUNNING_SUM', runningSum),
  METRIC_COUNT: (value) => arrayOf('METRIC_COUNT', value).length,
  REMOVE_EMPTY: (value) => arrayOf('REMOVE_EMPTY', value).filter((series) => series.points.size > 0),
  FIRST: (value) => elementOf('FIRST', arrayOf('FIRST', value)[0]),
  LAST: (value) => elementOf('LAST', arrayOf('LAST', value).at(-1)),
};

/** One series gives a scalar over time. An array gives one series over its members. */
function summarize(
  name: string,
  value: MathValue,
  summary: (values: number[], of: number) => number,
): MathValue {
  if (typeof value === 'number') throw unsupportedArgument(name, value);
  if (Array.isArray(value)) return combine(value, summary);
  const values = [...value.points.values()];
  return summary(values, values.length);
}

function stepwise(series: TimeSeries, step: (rise: number, seconds: number) => number): TimeSeries {
  let previous: [number, number] | null = null;
  return mapSeries(series, (value, start) => {
    const before = previous;
    previous = [start, value];
    return before === null ? null : step(value - before[1], (start - before[0]) / 1000);
  });
}

function runningSum(series: TimeSeries): TimeSeries {
  let total = 0;
  return mapSeries(series, (value) => (total += value));
}

function arrayOf(name: string, value: MathValue): TimeSeries[] {
  if (!Array.isArray(value)) throw unsupportedArgument(name, value);
  return value;
}

function elementOf(name: string, series: TimeSeries | undefined): TimeSeries {
  if (!series) throw new MathError(`Function '${name}' needs an array that is not empty`);
  return series;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
