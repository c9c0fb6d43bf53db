import { Distribution } from './distribution.js';

/** Everything measured in the period that begins at `start` (epoch ms). */
export interface MetricPoint<Values = Distribution> {
  start: number;
  values: Values;
}

/** What can take in another of its kind, as where two points fall together. */
export interface Mergeable<Values> {
  merge(other: Values): void;
}

/** The first index in points, which are in order of time, whose point does not begin before `start`. */
export function indexOfStart(points: readonly { start: number }[], start: number): number {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.start ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Adds a point where its time belongs; one that begins at the same time takes its values in. */
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

/** The points of several lists in order of time; where two begin at the same time, a new one has the values of both. */
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
