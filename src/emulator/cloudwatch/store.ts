import type { Distribution } from './distribution.js';

/** What identifies a metric. The unit is kept beside it: one metric may hold data of several units. */
export interface MetricId {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
}

/** Everything measured in the period that begins at `start` (epoch ms). */
export interface Point {
  start: number;
  values: Distribution;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** CloudWatch's own retention: below a minute for 3 hours, minutes for 15 days, 5 minutes for 63, hours for 455. */
const tiers = [
  { age: 3 * hourMs, resolution: 1_000 },
  { age: 15 * dayMs, resolution: 60_000 },
  { age: 63 * dayMs, resolution: 300_000 },
  { age: 455 * dayMs, resolution: hourMs },
];
const pointsBetweenCompactions = 1_000;

export class MetricStore {
  private readonly metrics = new Map<string, Map<string, Series>>();

  /** Readers see the point from `visibleAt` on. */
  put(id: MetricId, unit: string, point: Point, visibleAt: number): void {
    const key = keyOf(id);
    const units = this.metrics.get(key) ?? new Map<string, Series>();
    this.metrics.set(key, units);
    const series = units.get(unit) ?? new Series();
    units.set(unit, series);
    series.put(point, visibleAt);
  }

  /** Points that begin in `from` (inclusive) to `to` (exclusive) and are visible at `now`; of one unit or of all. */
  read(id: MetricId, unit: string | undefined, from: number, to: number, now: number): Point[] {
    const points: Point[] = [];
    for (const [name, series] of this.metrics.get(keyOf(id)) ?? []) {
      if (unit === undefined || unit === name) points.push(...series.read(from, to, now));
    }
    return points;
  }
}

function keyOf({ namespace, name, dimensions }: MetricId): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** Points in order of time, at most one a start; late ones wait in `pending`. */
class Series {
  private points: Point[] = [];
  private pending: { point: Point; visibleAt: number }[] = [];
  private sinceCompaction = 0;

  put(point: Point, visibleAt: number): void {
    point.values.trim();
    this.pending.push({ point, visibleAt });
    // Nobody may be reading: what is long visible must not pile up.
    if (this.pending.length > pointsBetweenCompactions) this.settle(point.start);
  }

  read(from: number, to: number, now: number): Point[] {
    this.settle(now);
    return this.points.slice(this.indexOf(from), this.indexOf(to));
  }

  private settle(now: number): void {
    if (this.pending.length === 0) return;
    const late: typeof this.pending = [];
    for (const entry of this.pending) {
      if (entry.visibleAt <= now) this.insert(entry.point);
      else late.push(entry);
    }
    this.pending = late;
    if (this.sinceCompaction > pointsBetweenCompactions) this.compact(now);
  }

  private insert(point: Point): void {
    const index = this.indexOf(point.start);
    const existing = this.points[index];
    if (existing?.start === point.start) existing.values.merge(point.values);
    else this.points.splice(index, 0, point);
    this.sinceCompaction += 1;
  }

  private indexOf(start: number): number {
    let [low, high] = [0, this.points.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.points[middle]?.start ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private compact(now: number): void {
    this.sinceCompaction = 0;
    const kept: Point[] = [];
    for (const point of this.points) {
      const tier = tiers.find(({ age }) => now - point.start <= age);
      if (!tier) continue;
      const start = Math.floor(point.start / tier.resolution) * tier.resolution;
      const last = kept.at(-1);
      if (last && last.start >= start) last.values.merge(point.values);
      else kept.push({ start, values: point.values });
    }
    this.points = kept;
  }
}
