/** Reads the definition of an alarm as a rule on the metrics of the candidate. Pure. */
import type { Metric, MetricAlarm, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import {
  alarmComparisons,
  missingDataTreatments,
  type MetricAlarmRule,
} from '../../analysis/alarms/alarm-rule.js';
import { minSamplesOf, parsePercentile } from '../../plan/units/percentiles.js';
import { metricsOf, queriesOf, readsItself, dimensionValueOf, variantOf } from './alarm-metrics.js';

export interface CandidateVariant {
  endpoint: string;
  variant: string;
}

export type CandidateRule =
  /** `watched`: the id of the query that the rule is about. */
  | { kind: 'rule'; rule: MetricAlarmRule; queries: MetricDataQuery[]; watched: string }
  /** Why the alarm cannot be evaluated for another variant, and what to write instead. */
  | { kind: 'unsuitable'; reason: string };

/** `endpoint`: the endpoint that the alarm's own metrics name. */
export function candidateRuleOf(
  alarm: MetricAlarm,
  endpoint: string,
  candidate: CandidateVariant,
): CandidateRule {
  const queries = queriesOf(alarm);
  const reason = findUnsuitable(alarm, queries) ?? findOtherVariants(queries, endpoint, candidate);
  if (reason !== null) return { kind: 'unsuitable', reason };
  const rule = ruleOf(alarm, queries);
  const watched = queries.find(({ ReturnData }) => ReturnData !== false)?.Id;
  if (rule === null || watched === undefined)
    return { kind: 'unsuitable', reason: 'this release does not know its rule; update the worker' };
  return {
    kind: 'rule',
    rule,
    watched,
    queries: queries.map((query) => ({
      ...rewrite(query, endpoint, candidate),
      // The data of each metric too, so that partial data of one of them is noticed. CloudWatch refuses to return an array, which
      // an expression between them can be.
      ReturnData: query.MetricStat !== undefined || query.Id === watched,
    })),
  };
}

function findUnsuitable(alarm: MetricAlarm, queries: readonly MetricDataQuery[]): string | null {
  if (alarm.EvaluationCriteria !== undefined)
    return 'it is on a PromQL query, which is not rewritten; use an alarm on metrics';
  // Its band is trained on the data of the variant that it names:
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Anomaly_Detection.html
  if (alarm.ThresholdMetricId !== undefined)
    return 'its anomaly detection band is trained for another variant; use an alarm with a threshold';
  if (queries.some(({ Expression }) => readsItself(Expression)))
    return 'its expression reads metrics by itself, which is not rewritten; use an alarm on metrics, or let the query group by VariantName and omit for';
  if (alarm.EvaluationWindow !== undefined && alarm.EvaluationWindow.SlidingWindow === undefined)
    return 'its evaluation window follows the clock; use one with a sliding window';
  const own = alarm.AlarmArn?.split(':')[4];
  if (queries.some(({ AccountId }) => AccountId !== undefined && AccountId !== own))
    return 'its metrics are in another account; use an alarm in the account of the endpoint';
  return null;
}

/** SageMaker publishes these with the dimensions EndpointName and VariantName. Any further one is not the candidate's. */
const sagemakerNamespaces = ['AWS/SageMaker', '/aws/sagemaker/Endpoints'];
const variantDimensions = ['EndpointName', 'VariantName'];

function findOtherVariants(
  queries: readonly MetricDataQuery[],
  endpoint: string,
  candidate: CandidateVariant,
): string | null {
  const rewritten = metricsOf(queries).filter((metric) => isRewritten(metric, endpoint, candidate));
  if (rewritten.length === 0)
    return `none of its metrics is of a variant of endpoint ${endpoint}; omit for, and the alarm is read as it is`;
  const variants = new Set(rewritten.flatMap((metric) => variantOf(metric, endpoint) ?? []));
  if (variants.size > 1)
    return `it compares the variants ${[...variants].join(' and ')}, which would be the same one; use a guardrail with notWorseThanBaselineBy`;
  const further = rewritten
    .filter(({ Namespace = '' }) => sagemakerNamespaces.includes(Namespace))
    .flatMap(({ Dimensions = [] }) => Dimensions.flatMap(({ Name }) => Name ?? []))
    .find((name) => !variantDimensions.includes(name));
  return further === undefined
    ? null
    : `its metric has the dimension ${further}, whose value for the candidate is not known; use an alarm without it`;
}

/** With an endpoint of its own, the candidate also has the endpoint's metrics without a variant. */
function isRewritten(metric: Metric, endpoint: string, candidate: CandidateVariant): boolean {
  const hasOwnEndpoint = candidate.endpoint !== endpoint;
  return (
    variantOf(metric, endpoint) !== null ||
    (hasOwnEndpoint && dimensionValueOf(metric.Dimensions ?? [], 'EndpointName') === endpoint)
  );
}

function rewrite(query: MetricDataQuery, endpoint: string, candidate: CandidateVariant): MetricDataQuery {
  const { MetricStat } = query;
  if (MetricStat?.Metric === undefined) return query;
  const { Metric } = MetricStat;
  if (!isRewritten(Metric, endpoint, candidate)) return query;
  const names: Partial<Record<string, string>> = {
    EndpointName: candidate.endpoint,
    VariantName: candidate.variant,
  };
  const Dimensions = (Metric.Dimensions ?? []).map(({ Name, Value }) => ({
    Name,
    Value: names[Name ?? ''] ?? Value,
  }));
  return { ...query, MetricStat: { ...MetricStat, Metric: { ...Metric, Dimensions } } };
}

/** Null: the definition has a value that this release does not know. */
function ruleOf(alarm: MetricAlarm, queries: readonly MetricDataQuery[]): MetricAlarmRule | null {
  const { EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods, Threshold } = alarm;
  const periodSeconds = queries.flatMap(({ MetricStat, Period }) => MetricStat?.Period ?? Period ?? [])[0];
  const comparison = keysOf(alarmComparisons).find((name) => name === alarm.ComparisonOperator);
  const missingData = missingDataTreatments.find((each) => each === treatmentOf(alarm, queries));
  if (periodSeconds === undefined || EvaluationPeriods === undefined || DatapointsToAlarm === undefined)
    return null;
  if (Threshold === undefined || comparison === undefined || missingData === undefined) return null;
  return {
    ...{ periodSeconds, evaluationPeriods: EvaluationPeriods, datapointsToAlarm: DatapointsToAlarm },
    ...{ comparison, threshold: Threshold, missingData },
    minimumSamples: minimumSamplesOf(alarm),
  };
}

/** Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html */
function treatmentOf({ TreatMissingData }: MetricAlarm, queries: readonly MetricDataQuery[]): string {
  const ignores = metricsOf(queries).some(({ Namespace }) => Namespace === 'AWS/DynamoDB');
  return ignores ? 'ignore' : (TreatMissingData ?? 'missing');
}

function minimumSamplesOf(alarm: MetricAlarm): number | null {
  if (alarm.EvaluateLowSampleCountPercentile !== 'ignore') return null;
  const percentile = parsePercentile(alarm.ExtendedStatistic ?? '');
  // 10/p below the median, 10/(1-p) from it on.
  return percentile === null ? null : minSamplesOf(Math.max(percentile, 100 - percentile));
}

function keysOf<T extends object>(value: T): (keyof T)[] {
  return Object.keys(value) as (keyof T)[];
}
