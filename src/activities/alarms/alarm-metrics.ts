/** The metrics of an alarm, and the variants that they are of. Pure. */
import type { Dimension, Metric, MetricAlarm, MetricDataQuery } from '@aws-sdk/client-cloudwatch';

/** The id of the query of an alarm on one metric. */
const metricId = 'metric';

/** The alarm as queries of GetMetricData, in the alarm's own form if it is on an expression. */
export function queriesOf(alarm: MetricAlarm): MetricDataQuery[] {
  if (alarm.Metrics !== undefined && alarm.Metrics.length > 0) return alarm.Metrics;
  const { Namespace, MetricName, Dimensions, Period, Unit, Statistic, ExtendedStatistic } = alarm;
  if (MetricName === undefined) return [];
  return [
    {
      Id: metricId,
      MetricStat: {
        Metric: { Namespace, MetricName, Dimensions },
        Period,
        Stat: ExtendedStatistic ?? Statistic,
        ...(Unit !== undefined && { Unit }),
      },
    },
  ];
}

export function metricsOf(queries: readonly MetricDataQuery[]): Metric[] {
  return queries.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []);
}

/**
 * The variants of the endpoint that the alarm is limited to. Null: it is not limited to any, because one of its metrics is
 * not of a variant of this endpoint, or its data has another source than metrics.
 */
export function pinnedVariants(alarm: MetricAlarm, endpoint: string): string[] | null {
  const queries = queriesOf(alarm);
  const metrics = metricsOf(queries);
  const variants = metrics.flatMap((metric) => variantOf(metric, endpoint) ?? []);
  const isLimited = metrics.length > 0 && variants.length === metrics.length;
  return isLimited && !queries.some(({ Expression }) => readsItself(Expression))
    ? [...new Set(variants)]
    : null;
}

/** Null: the metric is not of a variant of this endpoint. A metric of one's own can have no EndpointName. */
export function variantOf({ Dimensions = [] }: Metric, endpoint: string): string | null {
  const isOfEndpoint = (dimensionValueOf(Dimensions, 'EndpointName') ?? endpoint) === endpoint;
  return isOfEndpoint ? dimensionValueOf(Dimensions, 'VariantName') : null;
}

export function dimensionValueOf(dimensions: readonly Dimension[], name: string): string | null {
  return dimensions.find(({ Name }) => Name === name)?.Value ?? null;
}

/**
 * Functions that read data which no query of the alarm names, and Metrics Insights queries. Source:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
const ownSources =
  /\b(SEARCH|ANOMALY_DETECTION_BAND|INSIGHT_RULE_METRIC|DB_PERF_INSIGHTS|LAMBDA)\s*\(|^\s*SELECT\b/i;

/** Whether an expression reads data itself. */
export function readsItself(expression: string | undefined): boolean {
  return expression !== undefined && ownSources.test(expression);
}
