import type { AccountState } from '../../account/account-state.js';
import {
  createMetricAlarm,
  type PutMetricAlarmRequest,
} from '../../cloudwatch/alarms/create-metric-alarm.js';
import { ServiceError, validationError } from '../../http/service-error.js';
import { actionOf } from './policy-alarms.js';
import type { ScalableTarget, TrackingConfiguration, TrackingPolicy } from '../scaling-state.js';
import { isPredefinedMetric, predefinedMetrics } from './tracking-configuration.js';

type AlarmMetric = Pick<
  PutMetricAlarmRequest,
  'Namespace' | 'MetricName' | 'Dimensions' | 'Statistic' | 'Unit' | 'Period' | 'Metrics'
>;

const minuteSeconds = 60;

/**
 * Three datapoints above the target, fifteen minutes below 90 % of it: https://repost.aws/questions/QUf450Wsd9RROGGOIwaolN9w
 * shows both alarms of a variant. No source shows those of the high-resolution metric: they have as many datapoints here
 * for scaling out, and as many minutes for scaling in.
 */
const highDatapoints = 3;
const lowMinutes = 15;
const lowShare = 0.9;

/** Makes the alarms of a policy, under new names. With DisableScaleIn there is none for scaling in. */
export function putTrackingAlarms(
  account: AccountState,
  target: ScalableTarget,
  policy: { arn: string; actionId: string; configuration: TrackingConfiguration },
): TrackingPolicy['alarms'] {
  const { configuration } = policy;
  const { TargetValue, DisableScaleIn } = configuration;
  const metric = metricOf(target, configuration);
  const put = (kind: 'AlarmHigh' | 'AlarmLow', rule: ThresholdRule): string => {
    const AlarmName = `TargetTracking-${target.resourceId}-${kind}-${account.scaling.newId()}`;
    const action = actionOf(policy);
    createAlarm(account, {
      ...{ AlarmName, ...metric, ...rule },
      AlarmDescription: `DO NOT EDIT OR DELETE. For TargetTrackingScaling policy ${action}.`,
      ActionsEnabled: true,
      AlarmActions: [action],
    });
    return AlarmName;
  };
  const high = put('AlarmHigh', {
    ...{ ComparisonOperator: 'GreaterThanThreshold', Threshold: TargetValue },
    EvaluationPeriods: highDatapoints,
  });
  if (DisableScaleIn === true) return { high, low: null };
  const low = put('AlarmLow', {
    ...{ ComparisonOperator: 'LessThanThreshold', Threshold: lowShare * TargetValue },
    EvaluationPeriods: (lowMinutes * minuteSeconds) / (metric.Period ?? minuteSeconds),
  });
  return { high, low };
}

type ThresholdRule = Pick<PutMetricAlarmRequest, 'Threshold' | 'EvaluationPeriods'> & {
  ComparisonOperator: 'GreaterThanThreshold' | 'LessThanThreshold';
};

function createAlarm(account: AccountState, request: PutMetricAlarmRequest): void {
  try {
    createMetricAlarm(account, request);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw validationError(error.message);
  }
}

function metricOf(target: ScalableTarget, configuration: TrackingConfiguration): AlarmMetric {
  const type = configuration.PredefinedMetricSpecification?.PredefinedMetricType;
  if (type !== undefined && isPredefinedMetric(type)) return predefinedMetricOf(target, type);
  const { Metrics, Dimensions, MetricName, Namespace, Statistic, Unit } =
    configuration.CustomizedMetricSpecification ?? {};
  if (Metrics) return { Metrics: Metrics.map(withPeriod) };
  return {
    ...(Namespace === undefined ? {} : { Namespace }),
    ...(MetricName === undefined ? {} : { MetricName }),
    ...(Dimensions === undefined ? {} : { Dimensions }),
    ...(Statistic === undefined ? {} : { Statistic }),
    ...(Unit === undefined ? {} : { Unit: Unit as NonNullable<AlarmMetric['Unit']> }),
    Period: minuteSeconds,
  };
}

function predefinedMetricOf(
  { endpoint, variant }: ScalableTarget,
  type: keyof typeof predefinedMetrics,
): AlarmMetric {
  const { name, periodSeconds } = predefinedMetrics[type];
  return {
    Namespace: 'AWS/SageMaker',
    MetricName: name,
    Dimensions: [
      { Name: 'EndpointName', Value: endpoint },
      { Name: 'VariantName', Value: variant },
    ],
    // https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html: the sum of 1/instances for each request,
    // and the concurrency of each instance.
    Statistic: name === 'InvocationsPerInstance' ? 'Sum' : 'Average',
    Period: periodSeconds,
  };
}

type CustomQuery = NonNullable<
  NonNullable<TrackingConfiguration['CustomizedMetricSpecification']>['Metrics']
>[number];

/** The metrics of target tracking have a period of one minute. */
function withPeriod(query: CustomQuery): NonNullable<AlarmMetric['Metrics']>[number] {
  const { MetricStat, ...rest } = query;
  if (!MetricStat) return rest;
  const { Unit, ...stat } = MetricStat;
  const unit = Unit === undefined ? {} : { Unit: Unit as NonNullable<AlarmMetric['Unit']> };
  return { ...rest, MetricStat: { ...stat, ...unit, Period: minuteSeconds } };
}
