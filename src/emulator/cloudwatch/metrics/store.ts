import type { Distribution } from './distribution.js';
import { byPeriod, type Periods } from './periods.js';
import { type MetricPoint, pointsTogether } from './point.js';
import { distributionCodec } from './point-codec.js';
import { Retention } from './retention.js';
import { StoredSeries, type SeriesState } from './series.js';

/** Identity of a metric. The unit is not part of it, because one metric can have data of several units. */
export interface MetricId {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
}

/** A source of computed points. Readers must not change them. */
export interface PointSource {
  /** Points whose start is in `from` (inclusive) to `to` (exclusive) and that are visible at `now`. */
  read(from: number, to: number, now: number): MetricPoint[];
  /** The data of each period, without percentiles. Absent if the source has no faster way than reading the points. */
  summarize?(periods: Periods, now: number): MetricPoint[];
  /** Start of the newest visible point, or null. */
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

/** The data of one unit of a metric, in the state file. */
export interface MetricState {
  id: MetricId;
  unit: string;
  series: SeriesState;
}

/** Partial publication of a service's metrics: `share` of a period's data first, the rest `restAfterMs` later. */
export interface PartialPublication {
  share: number;
  restAfterMs: number;
}

export class MetricStore {
  private readonly metrics = new Map<string, StoredMetric>();
  /** Null: all data of a period is published at once. */
  partial: PartialPublication | null = null;

  constructor(readonly retention = new Retention()) {}

  /** Readers get the point from `visibleAt` on. */
  put(id: MetricId, unit: string, point: MetricPoint, visibleAt: number): void {
    this.seriesOf(id, unit).put(point, visibleAt);
  }

  /** Like `put`, for metrics of a service. With `partial`, readers first get only a part of the newest period. */
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

  /** Adds the points of the source to the metric. */
  addSource(id: MetricId, unit: string, source: PointSource): void {
    this.unitOf(id, unit).sources.push(source);
  }

  /** Points by unit whose start is in `from` (inclusive) to `to` (exclusive) and that are visible at `now`. */
  read(id: MetricId, from: number, to: number, now: number): Map<string, MetricPoint[]> {
    const found = new Map<string, MetricPoint[]>();
    for (const [unit, { put, sources }] of this.metrics.get(keyOf(id))?.units ?? []) {
      const lists = (put ? [put, ...sources] : sources).map((each) => each.read(from, to, now));
      const points = pointsTogether(lists);
      if (points.length > 0) found.set(unit, points);
    }
    return found;
  }

  /** The data of each period by unit. `isSummary`: without percentiles, because merging values takes the most time. */
  readPeriods(
    id: MetricId,
    { from, to, periodMs }: Omit<Periods, 'earliest'>,
    isSummary: boolean,
    now: number,
  ): Map<string, MetricPoint[]> {
    const earliest = Math.max(from, now - this.retention.maxAgeMs(periodMs));
    const periods = { from, earliest, to, periodMs };
    const found = new Map<string, MetricPoint[]>();
    for (const [unit, stored] of this.metrics.get(keyOf(id))?.units ?? []) {
      const points = readUnit(stored, periods, isSummary, now);
      if (points.length > 0) found.set(unit, points);
    }
    return found;
  }

  /** All metrics with visible data, and the start of the newest point (epoch ms). */
  *list(now: number): Iterable<{ id: MetricId; newest: number }> {
    for (const { id, units } of this.metrics.values()) {
      const all = [...units.values()].flatMap(({ put, sources }) => (put ? [put, ...sources] : sources));
      const newest = Math.max(...all.map((each) => each.newest(now) ?? -Infinity));
      if (newest > -Infinity) yield { id, newest };
    }
  }

  /** The newest points of every series, up to about `maximumBytes` of packed points in total. */
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

function readUnit(
  { put, sources }: StoredUnit,
  periods: Periods,
  isSummary: boolean,
  now: number,
): MetricPoint[] {
  const [source] = sources;
  if (isSummary && !put && sources.length === 1 && source?.summarize) return source.summarize(periods, now);
  const lists = (put ? [put, ...sources] : sources).map((each) =>
    each.read(periods.earliest, periods.to, now),
  );
  return byPeriod(pointsTogether(lists), periods, isSummary);
}

/** Names and values contain no control characters, so a control character can separate them. */
function keyOf({ namespace, name, dimensions }: MetricId): string {
  let key = `${namespace}\u0000${name}`;
  for (const each of Object.keys(dimensions).sort()) key += `\u0000${each}\u0001${dimensions[each]}`;
  return key;
}
