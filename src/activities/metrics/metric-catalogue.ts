import { ListMetricsCommand, type CloudWatchClient } from '@aws-sdk/client-cloudwatch';
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
      let NextToken: string | undefined;
      do {
        const command = new ListMetricsCommand({
          Namespace: namespace,
          MetricName: name,
          Dimensions: entries.map(([Name, Value]) => ({ Name, Value })),
          NextToken,
        });
        const page = await readAws((o) => cloudwatch.send(command, o));
        // A metric with additional dimensions is another metric.
        if (page.Metrics?.some((metric) => (metric.Dimensions ?? []).length === entries.length)) return true;
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      return false;
    },
  };
}
