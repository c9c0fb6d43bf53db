import { Distribution } from './distribution.js';

/** All measurements of the period that starts at `start` (epoch ms). */
export interface MetricPoint<Values = Distribution> {
  start: number;
  values: Values;
}

/** Values that can be merged, as for two points of the same period. */
export interface Mergeable<Values> {
  merge(other: Values): void;
}

/** Index of the first point that does not start before `start`. `points` are in order of time. */
export function indexOfStart(points: readonly { start: number }[], start: number): number {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.start ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Inserts a point in order of time. Merges it with a point of the same start. */
export function insertPoint<Values extends Mergeable<Values>>(
  points: MetricPoint<Values>[],
  point: MetricPoint<Values>,
): void {
  const last = points.at(-1);
  if (!last || last.start < point.start) {
    points.push(point);
    return;
  }
  const index = indexOfStart(points, point.start);
  const existing = points[index];
  if (existing?.start === point.start) existing.values.merge(point.values);
  else points.splice(index, 0, point);
}

/** The points of several lists in order of time. Points of the same start become one new point. */
export function pointsTogether(lists: MetricPoint[][]): MetricPoint[] {
  const filled = lists.filter((list) => list.length > 0);
  const [only] = filled;
  if (filled.length <= 1) return only ?? [];
  const together: MetricPoint[] = [];
  for (const { start, values } of filled.flat().sort((a, b) => a.start - b.start)) {
    const last = together.at(-1);
    if (last?.start === start) last.values.merge(values);
    else together.push({ start, values: Distribution.copyOf(values) });
  }
  return together;
}
