import type { DimensionFilter, ListMetricsInput, ListMetricsOutput } from '@aws-sdk/client-cloudwatch';
import { operation } from '../../http/operation.js';
import { type Validated, modelled } from '../../service-model/modelled.js';
import { metricsPageOf } from './paging.js';
import { toDimensions } from '../shapes.js';
import type { MetricId } from '../metrics/store.js';

const pageSize = 500;
const hourMs = 3_600_000;
/** Metrics without data for this time are not listed. */
const listedMs = 14 * 24 * hourMs;
const recentlyActiveMs = 3 * hourMs;

export const listMetrics = operation(
  'ListMetrics',
  modelled<ListMetricsInput>(),
  (asked, { account }): ListMetricsOutput => {
    const ageMs = asked.RecentlyActive === undefined ? listedMs : recentlyActiveMs;
    const metrics = [...account.metrics.list(account.time)]
      .filter(({ newest }) => account.time - newest <= ageMs)
      .map(({ id }) => id)
      .filter((id) => asked.Namespace === undefined || id.namespace === asked.Namespace)
      .filter((id) => asked.MetricName === undefined || id.name === asked.MetricName)
      .filter((id) => (asked.Dimensions ?? []).every((filter) => matches(id, filter)));
    const { items, ...token } = metricsPageOf(metrics, asked.NextToken, pageSize);
    return {
      Metrics: items.map((id) => ({
        Namespace: id.namespace,
        MetricName: id.name,
        Dimensions: toDimensions(id),
      })),
      ...token,
    };
  },
);

function matches({ dimensions }: MetricId, { Name, Value }: Validated<DimensionFilter>): boolean {
  const found = dimensions[Name ?? ''];
  return found !== undefined && (Value === undefined || found === Value);
}
