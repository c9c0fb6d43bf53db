import type {
  EvaluationState,
  MetricStat,
  PutCompositeAlarmInput,
  PutMetricAlarmInput,
} from '@aws-sdk/client-cloudwatch';
import type { Validated } from '../../service-model/modelled.js';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
/** The requests without their tags, which are stored separately. */
export type MetricAlarmRequest = Omit<Validated<PutMetricAlarmInput>, 'Tags'>;
export type CompositeAlarmRequest = Omit<Validated<PutCompositeAlarmInput>, 'Tags'>;

interface AlarmBase {
  name: string;
  arn: string;
  state: AlarmState;
  reason: string;
  /** JSON. */
  reasonData: string | undefined;
  actionsEnabled: boolean;
  /** Epoch ms. `transitionedAt` changes only with the state, `updatedAt` also with the evaluation state. */
  updatedAt: number;
  transitionedAt: number;
  configuredAt: number;
}

export interface MetricAlarm extends AlarmBase {
  kind: 'metric';
  request: MetricAlarmRequest;
  /** Null if the last evaluation succeeded. */
  evaluationState: EvaluationState | null;
}

/** The parsed rule of a composite alarm. */
export type AlarmRule =
  | { kind: 'state'; state: AlarmState; alarm: string }
  | { kind: 'constant'; value: boolean }
  | { kind: 'not'; rule: AlarmRule }
  | { kind: 'all' | 'any'; rules: AlarmRule[] };

export interface CompositeAlarm extends AlarmBase {
  kind: 'composite';
  request: CompositeAlarmRequest;
  rule: AlarmRule;
  /** Reason why the actions of the last transition were suppressed. */
  suppressed: { by: string; reason: string } | null;
}

export type Alarm = MetricAlarm | CompositeAlarm;

/** The metric of a single-metric alarm. Null for an alarm on an expression. */
export function metricStatOf({ request }: MetricAlarm): Validated<MetricStat> | null {
  if (request.Metrics) return null;
  const { Namespace, MetricName, Dimensions, Period, Statistic, ExtendedStatistic, Unit } = request;
  return {
    Metric: {
      ...(Namespace === undefined ? {} : { Namespace }),
      ...(MetricName === undefined ? {} : { MetricName }),
      ...(Dimensions === undefined ? {} : { Dimensions }),
    },
    Period: Period ?? 0,
    Stat: Statistic ?? ExtendedStatistic ?? '',
    ...(Unit === undefined ? {} : { Unit }),
  };
}

/** Seconds. All metrics of an expression have the same period. */
export function alarmPeriodOf(request: MetricAlarmRequest): number {
  const stat = request.Metrics?.find((query) => query.MetricStat)?.MetricStat;
  return request.Period ?? stat?.Period ?? request.Metrics?.find((query) => query.Period)?.Period ?? 60;
}
