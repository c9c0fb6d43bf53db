import {
  GetMetricDataCommand,
  type CloudWatchClient,
  type MetricDataQuery,
  type MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import DataLoader from 'dataloader';
import { toFailure } from './aws-errors.js';
import type { MetricReader, SeriesQuery, SeriesReading } from './metric-reader.js';

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
  return { readSeries: (query) => loader.load(query) };
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
