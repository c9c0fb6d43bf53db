import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import DataLoader from 'dataloader';
import { toFailure } from '../aws/errors.js';
import { fetchResults, toMetricDataQuery, toSeriesReading } from './metric-data.js';
import type { MetricReader, SeriesQuery, SeriesReading } from './metric-reader.js';
import { readExpression } from './read-expression.js';

/** Maximum number of queries in one GetMetricData call. */
const queriesPerCall = 500;

/** Polls within this many milliseconds share their calls. */
export const batchWindowMs = 5;

/**
 * Reads metrics for all rollouts of a worker process. Queries over the same time range share a call, because a
 * call has one time range.
 */
export function createMetricReader(cloudwatch: CloudWatchClient): MetricReader {
  const loader = new DataLoader<SeriesQuery, SeriesReading>((queries) => readAll(cloudwatch, queries), {
    cache: false,
    batchScheduleFn: (flush) => setTimeout(flush, batchWindowMs),
  });
  return {
    readSeries: (query) => loader.load(query),
    readExpression: (query) => readExpression(cloudwatch, query),
  };
}

async function readAll(
  cloudwatch: CloudWatchClient,
  queries: readonly SeriesQuery[],
): Promise<SeriesReading[]> {
  const readings = new Array<SeriesReading>(queries.length).fill({ kind: 'failed', reason: 'not requested' });
  await Promise.all(
    groupByRange(queries).map(async (group) => {
      const results = await readGroup(cloudwatch, group);
      for (const [i, { index }] of group.entries()) {
        readings[index] = results[i] ?? { kind: 'failed', reason: 'CloudWatch returned no result' };
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

/**
 * Reads the queries of one call, over one range. CloudWatch refuses a whole call for one invalid query. Then
 * this function reads the halves separately until only the invalid query fails, so that the other rollouts keep
 * their data.
 */
async function readGroup(cloudwatch: CloudWatchClient, group: Indexed[]): Promise<SeriesReading[]> {
  const range = group[0]?.query;
  if (range === undefined) return [];
  try {
    const queries = group.map(({ query }, i) =>
      toMetricDataQuery(query.series, query.periodSeconds, `q${i}`),
    );
    const results = await fetchResults(cloudwatch, range, queries);
    return group.map(({ query }, i) => toSeriesReading(query, results.get(`q${i}`)));
  } catch (error) {
    const { type, message: reason } = toFailure(error);
    if (type !== 'Rejected' || group.length === 1) return group.map(() => ({ kind: 'failed', reason }));
    const halves = chunk(group, Math.ceil(group.length / 2));
    return (await Promise.all(halves.map((half) => readGroup(cloudwatch, half)))).flat();
  }
}
