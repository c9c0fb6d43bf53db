/** One call of GetMetricData with all its pages, and what an answer to a query says. */
import {
  GetMetricDataCommand,
  type CloudWatchClient,
  type MetricDataQuery,
  type MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import type { MetricSeries } from '../../plan/compiled/guardrail.js';
import type { SeriesQuery, SeriesReading } from './metric-reader.js';

export type QuerySpan = Pick<SeriesQuery, 'fromMs' | 'toMs' | 'periodSeconds'>;

/** By query id. Pages before the last say PartialData of a series that goes on: the last page's word counts. */
export async function fetchResults(
  cloudwatch: CloudWatchClient,
  { fromMs, toMs }: Pick<QuerySpan, 'fromMs' | 'toMs'>,
  MetricDataQueries: MetricDataQuery[],
): Promise<Map<string, MetricDataResult[]>> {
  const pages = new Map<string, MetricDataResult[]>();
  let NextToken: string | undefined;
  do {
    const command = new GetMetricDataCommand({
      StartTime: new Date(fromMs),
      EndTime: new Date(toMs),
      ScanBy: 'TimestampAscending',
      MetricDataQueries,
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
  const isOffGrid = points.some(({ atMs }) => (atMs - fromMs) % (periodSeconds * 1000) !== 0);
  return isOffGrid
    ? { kind: 'failed', reason: 'the periods are not those asked for' }
    : { kind: 'complete', points };
}
