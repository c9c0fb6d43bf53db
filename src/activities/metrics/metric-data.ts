/** Calls GetMetricData with all pages, and converts its results to readings. */
import {
  GetMetricDataCommand,
  type CloudWatchClient,
  type MetricDataQuery,
  type MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import { pagesOf } from '../aws/pages.js';
import type { MetricSeries } from '../../plan/compiled/guardrail.js';
import type { SeriesQuery, SeriesReading } from './metric-reader.js';

export type QuerySpan = Pick<SeriesQuery, 'fromMs' | 'toMs' | 'periodSeconds'>;

/**
 * By query id. For a series that continues on the next page, a page says PartialData, so only the last page's
 * status counts.
 */
export async function fetchResults(
  cloudwatch: CloudWatchClient,
  { fromMs, toMs }: Pick<QuerySpan, 'fromMs' | 'toMs'>,
  MetricDataQueries: MetricDataQuery[],
): Promise<Map<string, MetricDataResult[]>> {
  const found = new Map<string, MetricDataResult[]>();
  const pages = pagesOf((token) =>
    cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(fromMs),
        EndTime: new Date(toMs),
        ScanBy: 'TimestampAscending',
        MetricDataQueries,
        ...token,
      }),
    ),
  );
  for await (const page of pages)
    for (const result of page.MetricDataResults ?? []) {
      const id = result.Id ?? '';
      found.set(id, [...(found.get(id) ?? []), result]);
    }
  return found;
}

/** Sets no unit: with a wrong unit CloudWatch silently returns no data. */
export function toMetricDataQuery(series: MetricSeries, periodSeconds: number, Id: string): MetricDataQuery {
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

export function toSeriesReading(
  { fromMs, periodSeconds }: QuerySpan,
  results: MetricDataResult[] | undefined,
): SeriesReading {
  const status = results?.at(-1)?.StatusCode;
  if (results === undefined || status === undefined)
    return { kind: 'failed', reason: 'CloudWatch returned no result' };
  if (status === 'PartialData') return { kind: 'partial' };
  if (status !== 'Complete') {
    const why = results.flatMap((result) => result.Messages ?? []).map((message) => message.Value ?? '');
    return { kind: 'failed', reason: [status, ...why].join(': ') };
  }
  const points = results.flatMap(({ Timestamps = [], Values = [] }) =>
    Timestamps.map((at, i) => ({ atMs: at.getTime(), value: Values[i] ?? NaN })),
  );
  // A point between the periods would count requests of another span.
  const isOffGrid = points.some(({ atMs }) => (atMs - fromMs) % (periodSeconds * 1000) !== 0);
  return isOffGrid
    ? { kind: 'failed', reason: 'CloudWatch returned other periods than requested' }
    : { kind: 'complete', points };
}
