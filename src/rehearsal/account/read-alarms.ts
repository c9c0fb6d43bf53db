/** The alarms that a spec names, as AWS has them. */
import {
  DescribeAlarmsCommand,
  type CloudWatchClient,
  type MetricAlarm,
  type PutMetricAlarmCommandInput,
} from '@aws-sdk/client-cloudwatch';
import type { Plan } from '../../plan/compiled/plan.js';
import { alarmNamesOf, type RehearsedAlarm } from './rehearsed-account.js';

/** Metrics that the emulated endpoint publishes. */
const simulatedNamespace = 'AWS/SageMaker';

/** An alarm that AWS does not have is not created, so the rehearsal finds what the preflight would find. */
export async function readAlarms(
  cloudwatch: CloudWatchClient,
  plan: Plan,
): Promise<{ alarms: RehearsedAlarm[]; assumptions: string[] }> {
  const AlarmNames = alarmNamesOf(plan);
  if (AlarmNames.length === 0) return { alarms: [], assumptions: [] };
  const { MetricAlarms = [], CompositeAlarms = [] } = await cloudwatch.send(
    new DescribeAlarmsCommand({ AlarmNames, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
  );
  const alarms = [
    ...MetricAlarms.map(rehearsedAlarmOf),
    ...CompositeAlarms.map(({ AlarmName = '' }): RehearsedAlarm => ({ name: AlarmName, kind: 'quiet' })),
  ];
  const missing = AlarmNames.filter((name) => !alarms.some((alarm) => alarm.name === name));
  return { alarms, assumptions: missing.map((name) => `alarm ${name}: AWS does not have it`) };
}

function rehearsedAlarmOf(alarm: MetricAlarm): RehearsedAlarm {
  const name = alarm.AlarmName ?? '';
  const namespaces = [
    ...(alarm.Namespace === undefined ? [] : [alarm.Namespace]),
    ...(alarm.Metrics ?? []).flatMap(({ MetricStat }) => MetricStat?.Metric?.Namespace ?? []),
  ];
  const isSimulated = namespaces.length > 0 && namespaces.every((each) => each === simulatedNamespace);
  return isSimulated
    ? { name, kind: 'real', definition: definitionOf(name, alarm) }
    : { name, kind: 'quiet' };
}

/** The alarm's rule, without its actions and its state. */
function definitionOf(AlarmName: string, alarm: MetricAlarm): PutMetricAlarmCommandInput {
  const { Namespace, MetricName, Dimensions, Statistic, ExtendedStatistic, Period, Unit, Metrics } = alarm;
  const { EvaluationPeriods, DatapointsToAlarm, Threshold, ComparisonOperator } = alarm;
  const { TreatMissingData, EvaluateLowSampleCountPercentile } = alarm;
  return {
    ...{ AlarmName, Namespace, MetricName, Statistic, ExtendedStatistic, Period, Unit },
    Dimensions: Metrics === undefined || Metrics.length === 0 ? Dimensions : undefined,
    Metrics: Metrics === undefined || Metrics.length === 0 ? undefined : Metrics,
    ...{ EvaluationPeriods, DatapointsToAlarm, Threshold, ComparisonOperator },
    ...{ TreatMissingData, EvaluateLowSampleCountPercentile },
  };
}
