import {
  GetMetricDataCommand,
  type CloudWatchClient,
  type MetricDataQuery,
  type MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import DataLoader from 'dataloader';
import type { Measurement } from '../analysis/judge-bound.js';
import type { Metric, Series } from '../plan/plan.js';
import { toFailure } from './aws-errors.js';
import { periodOf } from './periods.js';

export interface Point {
  atMs: number;
  value: number;
}

/** What CloudWatch has of a series; `points` only where it says that it is all of it. */
export type SeriesReading =
  { kind: 'complete'; points: Point[] } | { kind: 'partial' } | { kind: 'failed'; reason: string };

export interface SeriesQuery {
  series: Series;
  fromMs: number;
  toMs: number;
  periodSeconds: number;
}

export interface MetricReader {
  /** Never throws: a failing read is a reading, and the look goes on. */
  readSeries: (query: SeriesQuery) => Promise<SeriesReading>;
  /** The metric's one value over the span, in its unit. */
  measure: (metric: Metric, fromMs: number, toMs: number) => Promise<Measurement>;
}

/** GetMetricData takes this many queries a call. */
const queriesPerCall = 500;

/** Looks that fall this close together share their calls. */
export const gatherMs = 5;

/**
 * Reads metrics for all rollouts of a worker process. Queries over the same time range, which is a property of the
 * call, travel together.
 */
export function createMetricReader(cloudwatch: CloudWatchClient): MetricReader {
  const loader = new DataLoader<SeriesQuery, SeriesReading>((queries) => readAll(cloudwatch, queries), {
    cache: false,
    batchScheduleFn: (flush) => setTimeout(flush, gatherMs),
  });
  const readSeries = (query: SeriesQuery) => loader.load(query);
  return {
    readSeries,
    async measure(metric, fromMs, toMs) {
      const [numerator, denominator] = await Promise.all([
        readSpan({ readSeries }, metric.numerator, fromMs, toMs),
        metric.denominator === null ? null : readSpan({ readSeries }, metric.denominator, fromMs, toMs),
      ]);
      if (numerator.kind !== 'value') return numerator;
      if (denominator === null) return { kind: 'value', value: numerator.value * metric.scale };
      if (denominator.kind !== 'value') return denominator;
      if (denominator.value === 0) return { kind: 'absent' };
      return { kind: 'value', value: (numerator.value / denominator.value) * metric.scale };
    },
  };
}

/** One number for the whole span: one period where CloudWatch can, else the periods' values merged. */
export async function readSpan(
  { readSeries }: Pick<MetricReader, 'readSeries'>,
  series: Series,
  fromMs: number,
  toMs: number,
): Promise<Measurement> {
  const reading = await readSeries({ series, fromMs, toMs, periodSeconds: periodOf(fromMs, toMs) });
  if (reading.kind !== 'complete') return reading;
  if (reading.points.length === 0) return { kind: 'absent' };
  const value = merge(reading.points, series.stat);
  return Number.isFinite(value) ? { kind: 'value', value } : { kind: 'notANumber' };
}

/**
 * Sums add up and extremes stay extremes. A percentile or an average of the whole cannot be had from those of its parts:
 * the largest part stands for it, which it cannot exceed.
 */
function merge(points: Point[], stat: string): number {
  const values = points.map((point) => point.value);
  if (stat === 'Sum' || stat === 'SampleCount') return values.reduce((sum, value) => sum + value, 0);
  return stat === 'Minimum' ? Math.min(...values) : Math.max(...values);
}

async function readAll(
  cloudwatch: CloudWatchClient,
  queries: readonly SeriesQuery[],
): Promise<SeriesReading[]> {
  const readings = new Array<SeriesReading>(queries.length).fill({ kind: 'failed', reason: 'not asked for' });
  await Promise.all(
    groupByRange(queries).map(async (group) => {
      const answers = await readGroup(cloudwatch, group);
      for (const [i, { index }] of group.entries()) {
        readings[index] = answers[i] ?? { kind: 'failed', reason: 'no answer' };
      }
    }),
  );
  return readings;
}

interface Indexed {
  index: number;
  query: SeriesQuery;
}

function groupByRange(queries: readonly SeriesQuery[]): Indexed[][] {
  const byRange = new Map<string, Indexed[]>();
  for (const [index, query] of queries.entries()) {
    const range = `${query.fromMs}/${query.toMs}`;
    const group = byRange.get(range);
    if (group === undefined) byRange.set(range, [{ index, query }]);
    else group.push({ index, query });
  }
  return [...byRange.values()].flatMap((group) => chunk(group, queriesPerCall));
}

export function chunk<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

/** The queries of one call, over one range. */
async function readGroup(cloudwatch: CloudWatchClient, group: Indexed[]): Promise<SeriesReading[]> {
  try {
    const results = await fetchPages(cloudwatch, group);
    return group.map(({ query }, i) => toReading(query, results.get(`q${i}`)));
  } catch (error) {
    return group.map(() => ({ kind: 'failed', reason: toFailure(error).message }));
  }
}

/** By query id. Pages before the last say PartialData of a series that goes on: the last page's word counts. */
async function fetchPages(
  cloudwatch: CloudWatchClient,
  group: Indexed[],
): Promise<Map<string, MetricDataResult[]>> {
  const range = group[0]?.query;
  if (range === undefined) return new Map();
  const pages = new Map<string, MetricDataResult[]>();
  let NextToken: string | undefined;
  do {
    const command = new GetMetricDataCommand({
      StartTime: new Date(range.fromMs),
      EndTime: new Date(range.toMs),
      ScanBy: 'TimestampAscending',
      MetricDataQueries: group.map(({ query }, i) => toMetricDataQuery(query, `q${i}`)),
      NextToken,
    });
    const page = await cloudwatch.send(command);
    for (const result of page.MetricDataResults ?? []) {
      const id = result.Id ?? '';
      pages.set(id, [...(pages.get(id) ?? []), result]);
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return pages;
}

/** No unit: a wrong one makes CloudWatch answer with nothing, silently. */
function toMetricDataQuery({ series, periodSeconds }: SeriesQuery, Id: string): MetricDataQuery {
  return {
    Id,
    MetricStat: {
      Metric: {
        Namespace: series.namespace,
        MetricName: series.name,
        Dimensions: Object.entries(series.dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: periodSeconds,
      Stat: series.stat,
    },
  };
}

function toReading(query: SeriesQuery, results: MetricDataResult[] | undefined): SeriesReading {
  const status = results?.at(-1)?.StatusCode;
  if (results === undefined || status === undefined) return { kind: 'failed', reason: 'no answer' };
  if (status === 'PartialData') return { kind: 'partial' };
  if (status !== 'Complete') {
    const why = results.flatMap((result) => result.Messages ?? []).map((message) => message.Value ?? '');
    return { kind: 'failed', reason: [status, ...why].join(': ') };
  }
  const points = results.flatMap(({ Timestamps = [], Values = [] }) =>
    Timestamps.map((at, i) => ({ atMs: at.getTime(), value: Values[i] ?? NaN })),
  );
  // A point off the grid would count requests of another span.
  const isOffGrid = points.some(({ atMs }) => (atMs - query.fromMs) % (query.periodSeconds * 1000) !== 0);
  return isOffGrid
    ? { kind: 'failed', reason: 'the periods are not those asked for' }
    : { kind: 'complete', points };
}
