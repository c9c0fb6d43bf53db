import { ListMetricsCommand, type CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { pagesOf } from '../aws/pages.js';
import type { MetricSeries } from '../../plan/compiled/guardrail.js';
import { readAws } from '../aws/errors.js';

export interface MetricCatalogue {
  /** Whether CloudWatch has data with exactly these dimensions from the last two weeks. */
  exists(series: MetricSeries): Promise<boolean>;
}

export function createMetricCatalogue(cloudwatch: CloudWatchClient): MetricCatalogue {
  return {
    async exists({ namespace, name, dimensions }) {
      const entries = Object.entries(dimensions);
      const pages = pagesOf((token) => {
        const command = new ListMetricsCommand({
          Namespace: namespace,
          MetricName: name,
          Dimensions: entries.map(([Name, Value]) => ({ Name, Value })),
          ...token,
        });
        return readAws((o) => cloudwatch.send(command, o));
      });
      // A metric with additional dimensions is another metric.
      for await (const page of pages)
        if (page.Metrics?.some((metric) => (metric.Dimensions ?? []).length === entries.length)) return true;
      return false;
    },
  };
}
