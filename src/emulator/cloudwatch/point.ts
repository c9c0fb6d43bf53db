import type { Distribution } from './distribution.js';

/** Everything measured in the period that begins at `start` (epoch ms). */
export interface Point {
  start: number;
  values: Distribution;
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
export function insertPoint(points: Point[], point: Point): void {
  const index = indexOfStart(points, point.start);
  const existing = points[index];
  if (existing?.start === point.start) existing.values.merge(point.values);
  else points.splice(index, 0, point);
}
