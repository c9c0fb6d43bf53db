import type { Distribution } from './distribution.js';
import { type MetricPoint, pointsTogether } from './point.js';
import { distributionCodec } from './point-codec.js';
import { Retention } from './retention.js';
import { StoredSeries, type SeriesState } from './series.js';

/** What identifies a metric. The unit is kept beside it: one metric may hold data of several units. */
export interface MetricId {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
}

/** Where points come from that are not put one by one. Readers must not change them. */
export interface PointSource {
  /** Points that begin in `from` (inclusive) to `to` (exclusive) and are visible at `now`. */
  read(from: number, to: number, now: number): MetricPoint[];
  /** When its newest visible point begins; null where there is none. */
  newest(now: number): number | null;
}

interface StoredUnit {
  put: StoredSeries<Distribution> | null;
  sources: PointSource[];
}

interface StoredMetric {
  id: MetricId;
  units: Map<string, StoredUnit>;
}

/** One unit's part of a metric, as it is kept. */
export interface MetricState {
  id: MetricId;
  unit: string;
  series: SeriesState;
}

/** A service's own publication: `share` of a period's data comes first, the rest `restAfterMs` later. */
export interface PartialPublication {
  share: number;
  restAfterMs: number;
}

export class MetricStore {
  private readonly metrics = new Map<string, StoredMetric>();
  /** Null: the data of a period is published at once. */
  partial: PartialPublication | null = null;

  constructor(readonly retention = new Retention()) {}

  /** Readers see the point from `visibleAt` on. */
  put(id: MetricId, unit: string, point: MetricPoint, visibleAt: number): void {
    this.seriesOf(id, unit).put(point, visibleAt);
  }

  /** As `put`, for a service's own metrics: the newest period may be seen with a part of its data first. */
  publish(id: MetricId, unit: string, point: MetricPoint, visibleAt: number): void {
    if (!this.partial) {
      this.put(id, unit, point, visibleAt);
      return;
    }
    const [part, rest] = point.values.split(this.partial.share);
    if (part.count > 0) this.put(id, unit, { ...point, values: part }, visibleAt);
    if (rest.count > 0) {
      this.put(id, unit, { ...point, values: rest }, visibleAt + this.partial.restAfterMs);
    }
  }

  /** From now on the metric has this source's points as well. */
  addSource(id: MetricId, unit: string, source: PointSource): void {
    this.unitOf(id, unit).sources.push(source);
  }

  /** By unit, those that have any: points that begin in `from` (inclusive) to `to` (exclusive), visible at `now`. */
  read(id: MetricId, from: number, to: number, now: number): Map<string, MetricPoint[]> {
    const found = new Map<string, MetricPoint[]>();
    for (const [unit, { put, sources }] of this.metrics.get(keyOf(id))?.units ?? []) {
      const lists = (put ? [put, ...sources] : sources).map((each) => each.read(from, to, now));
      const points = pointsTogether(lists);
      if (points.length > 0) found.set(unit, points);
    }
    return found;
  }

  /** All metrics that have visible data, and when the newest of it begins (epoch ms). */
  *list(now: number): Iterable<{ id: MetricId; newest: number }> {
    for (const { id, units } of this.metrics.values()) {
      const all = [...units.values()].flatMap(({ put, sources }) => (put ? [put, ...sources] : sources));
      const newest = Math.max(...all.map((each) => each.newest(now) ?? -Infinity));
      if (newest > -Infinity) yield { id, newest };
    }
  }

  /** The newest points of every series, up to about so many bytes of packed ones in all. */
  toState(maximumBytes: number): MetricState[] {
    const share = this.retention.shareOf(maximumBytes);
    return [...this.metrics.values()].flatMap(({ id, units }) =>
      [...units].flatMap(([unit, { put }]) => (put ? [{ id, unit, series: put.toState(share) }] : [])),
    );
  }

  restore(states: MetricState[]): void {
    for (const { id, unit, series } of states) this.seriesOf(id, unit).restore(series);
  }

  private seriesOf(id: MetricId, unit: string): StoredSeries<Distribution> {
    const stored = this.unitOf(id, unit);
    return (stored.put ??= new StoredSeries(distributionCodec, this.retention));
  }

  private unitOf(id: MetricId, unit: string): StoredUnit {
    const key = keyOf(id);
    const metric = this.metrics.get(key) ?? { id, units: new Map<string, StoredUnit>() };
    this.metrics.set(key, metric);
    const stored = metric.units.get(unit) ?? { put: null, sources: [] };
    metric.units.set(unit, stored);
    return stored;
  }
}

/** Names and values hold no control characters, so that one can separate them. */
function keyOf({ namespace, name, dimensions }: MetricId): string {
  let key = `${namespace}\u0000${name}`;
  for (const each of Object.keys(dimensions).sort()) key += `\u0000${each}\u0001${dimensions[each]}`;
  return key;
}
