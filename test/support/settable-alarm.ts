import {
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
  type CloudWatchClient,
} from '@aws-sdk/client-cloudwatch';

export type SetState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** Creates an alarm without metric data. It keeps the state that the test sets. */
export async function putManualAlarm(
  cloudwatch: CloudWatchClient,
  name: string,
  state: SetState = 'OK',
): Promise<void> {
  const command = new PutMetricAlarmCommand({
    AlarmName: name,
    Namespace: 'Test',
    MetricName: 'Nothing',
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'ignore',
  });
  await cloudwatch.send(command);
  await setAlarmState(cloudwatch, name, state);
}

export async function setAlarmState(
  cloudwatch: CloudWatchClient,
  name: string,
  state: SetState,
): Promise<void> {
  const command = new SetAlarmStateCommand({ AlarmName: name, StateValue: state, StateReason: 'a test' });
  await cloudwatch.send(command);
}
