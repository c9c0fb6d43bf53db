import type {
  CompositeAlarm as CompositeAlarmOutput,
  MetricAlarm as MetricAlarmOutput,
} from '@aws-sdk/client-cloudwatch';
import type { Alarm, CompositeAlarm, MetricAlarm } from './alarm-state.js';

export function describeMetricAlarm(alarm: MetricAlarm): MetricAlarmOutput {
  return {
    ...withoutActions,
    ...(alarm.request.Metrics ? {} : { Dimensions: [] }),
    ...(alarm.request as object),
    ...describeState(alarm),
    ...(alarm.evaluationState ? { EvaluationState: alarm.evaluationState } : {}),
  };
}

export function describeComposite(alarm: CompositeAlarm): CompositeAlarmOutput {
  return {
    ...withoutActions,
    ...(alarm.request as object),
    ...describeState(alarm),
    ...(alarm.suppressed
      ? { ActionsSuppressedBy: 'Alarm', ActionsSuppressedReason: alarm.suppressed.reason }
      : {}),
  };
}

const withoutActions = { OKActions: [], AlarmActions: [], InsufficientDataActions: [] };

function describeState(alarm: Alarm) {
  return {
    AlarmArn: alarm.arn,
    ActionsEnabled: alarm.actionsEnabled,
    StateValue: alarm.state,
    StateReason: alarm.reason,
    StateReasonData: alarm.reasonData,
    StateUpdatedTimestamp: new Date(alarm.updatedAt),
    StateTransitionedTimestamp: new Date(alarm.transitionedAt),
    AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredAt),
  };
}
