import type {
  CompositeAlarm as CompositeAlarmOutput,
  DescribeAlarmsOutput,
  MetricAlarm as MetricAlarmOutput,
} from '@aws-sdk/client-cloudwatch';
import { z } from 'zod';
import { operation } from '../http/operation.js';
import { ServiceError } from '../http/service-error.js';
import type { World } from '../world/world.js';
import { evaluateComposite, scheduleEvaluation, setState } from './alarm-evaluation.js';
import { alarmsOf, parseAlarmRule } from './alarm-rule.js';
import type { Alarm, CompositeAlarm, MetricAlarm } from './alarm-state.js';
import { dimensions, namespace, period, stat } from './shapes.js';

const alarmName = z.string().min(1).max(255);
const alarmState = z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']);

const putMetricAlarmRequest = z.looseObject({
  AlarmName: alarmName,
  Namespace: namespace,
  MetricName: z.string().min(1).max(255),
  Dimensions: dimensions,
  Statistic: z.enum(['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum']).optional(),
  ExtendedStatistic: stat.optional(),
  Period: period,
  Unit: z.string().optional(),
  EvaluationPeriods: z.int().min(1),
  DatapointsToAlarm: z.int().min(1).optional(),
  Threshold: z.number(),
  ComparisonOperator: z.enum([
    'GreaterThanOrEqualToThreshold',
    'GreaterThanThreshold',
    'LessThanThreshold',
    'LessThanOrEqualToThreshold',
  ]),
  TreatMissingData: z.enum(['breaching', 'notBreaching', 'ignore', 'missing']).optional(),
});
export type PutMetricAlarmRequest = z.output<typeof putMetricAlarmRequest>;

const putMetricAlarm = operation('PutMetricAlarm', putMetricAlarmRequest, (request, { world }) => {
  if ((request.Statistic === undefined) === (request.ExtendedStatistic === undefined)) {
    throw new ServiceError(
      'ValidationError',
      'Exactly one of Statistic and ExtendedStatistic must be specified.',
    );
  }
  if ((request.DatapointsToAlarm ?? 0) > request.EvaluationPeriods) {
    throw new ServiceError(
      'ValidationError',
      'DatapointsToAlarm must not be greater than EvaluationPeriods.',
    );
  }
  const alarm: MetricAlarm = {
    kind: 'metric',
    request,
    evaluationFailed: false,
    ...startingState(world, request.AlarmName),
  };
  world.alarms.set(alarm.name, alarm);
  scheduleEvaluation(world, alarm);
  return {};
});

const putCompositeAlarmRequest = z.looseObject({
  AlarmName: alarmName,
  AlarmRule: z.string().min(1).max(10_240),
});
export type PutCompositeAlarmRequest = z.output<typeof putCompositeAlarmRequest>;

const putCompositeAlarm = operation('PutCompositeAlarm', putCompositeAlarmRequest, (request, { world }) => {
  const rule = parseAlarmRule(request.AlarmRule);
  const unknown = alarmsOf(rule).filter((name) => !world.alarms.has(name));
  if (unknown.length > 0) {
    throw new ServiceError(
      'ValidationError',
      `AlarmRule refers to alarms that do not exist: ${unknown.join(', ')}`,
    );
  }
  const alarm: CompositeAlarm = {
    kind: 'composite',
    request,
    rule,
    ...startingState(world, request.AlarmName),
  };
  world.alarms.set(alarm.name, alarm);
  evaluateComposite(world, alarm);
  return {};
});

const describeAlarmsRequest = z.looseObject({
  AlarmNames: z.array(alarmName).max(100).optional(),
  AlarmNamePrefix: z.string().optional(),
  AlarmTypes: z.array(z.enum(['MetricAlarm', 'CompositeAlarm', 'LogAlarm'])).optional(),
  StateValue: alarmState.optional(),
  MaxRecords: z.int().min(1).max(100).optional(),
  NextToken: z.string().optional(),
});

/** Unknown names are silently missing, and so are composite alarms unless their type is asked for. */
const describeAlarms = operation(
  'DescribeAlarms',
  describeAlarmsRequest,
  (request, { world }): DescribeAlarmsOutput => {
    const types: string[] = request.AlarmTypes ?? ['MetricAlarm'];
    const matching = [...world.alarms.values()]
      .filter((alarm) => types.includes(alarm.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm'))
      .filter((alarm) => request.AlarmNames?.includes(alarm.name) ?? true)
      .filter((alarm) => alarm.name.startsWith(request.AlarmNamePrefix ?? ''))
      .filter((alarm) => request.StateValue === undefined || alarm.state === request.StateValue)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const from = request.NextToken === undefined ? 0 : Number(request.NextToken);
    if (!Number.isInteger(from))
      throw new ServiceError('InvalidNextToken', 'The next token specified is invalid.');
    const to = from + (request.MaxRecords ?? request.AlarmNames?.length ?? 50);
    const page = matching.slice(from, to);
    return {
      MetricAlarms: page.flatMap((alarm) => (alarm.kind === 'metric' ? [describeMetricAlarm(alarm)] : [])),
      CompositeAlarms: page.flatMap((alarm) =>
        alarm.kind === 'composite' ? [describeComposite(alarm)] : [],
      ),
      ...(to < matching.length ? { NextToken: String(to) } : {}),
    };
  },
);

const setAlarmState = operation(
  'SetAlarmState',
  z.looseObject({
    AlarmName: alarmName,
    StateValue: alarmState,
    StateReason: z.string().max(1023),
    StateReasonData: z.string().max(4000).optional(),
  }),
  (request, { world }) => {
    const alarm = world.alarms.get(request.AlarmName);
    if (!alarm) throw new ServiceError('ResourceNotFound', `Alarm ${request.AlarmName} does not exist.`, 404);
    setState(world, alarm, request.StateValue, request.StateReason, request.StateReasonData);
    return {};
  },
);

const deleteAlarms = operation(
  'DeleteAlarms',
  z.looseObject({ AlarmNames: z.array(alarmName).max(100) }),
  (request, { world }) => {
    const missing = request.AlarmNames.filter((name) => !world.alarms.has(name));
    if (missing.length > 0) {
      throw new ServiceError('ResourceNotFound', `Alarms do not exist: ${missing.join(', ')}`, 404);
    }
    for (const name of request.AlarmNames) world.alarms.delete(name);
    return {};
  },
);

export const alarmOperations = [
  putMetricAlarm,
  putCompositeAlarm,
  describeAlarms,
  setAlarmState,
  deleteAlarms,
];

/** A new alarm knows nothing yet; a changed one keeps its state. */
function startingState(world: World, name: string) {
  const existing = world.alarms.get(name);
  return {
    name,
    arn: world.arn('alarm', name, 'cloudwatch'),
    state: existing?.state ?? 'INSUFFICIENT_DATA',
    reason: existing?.reason ?? 'Unchecked: Initial alarm creation',
    reasonData: existing?.reasonData,
    updatedAt: existing?.updatedAt ?? world.time,
    transitionedAt: existing?.transitionedAt ?? world.time,
    configuredAt: world.time,
  } as const;
}

function describeState(alarm: Alarm) {
  return {
    AlarmArn: alarm.arn,
    StateValue: alarm.state,
    StateReason: alarm.reason,
    StateReasonData: alarm.reasonData,
    StateUpdatedTimestamp: new Date(alarm.updatedAt),
    StateTransitionedTimestamp: new Date(alarm.transitionedAt),
    AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredAt),
  };
}

function describeMetricAlarm(alarm: MetricAlarm): MetricAlarmOutput {
  return {
    ActionsEnabled: true,
    ...(alarm.request as object),
    ...describeState(alarm),
    ...(alarm.evaluationFailed ? { EvaluationState: 'EVALUATION_FAILURE' } : {}),
  };
}

function describeComposite(alarm: CompositeAlarm): CompositeAlarmOutput {
  return { ActionsEnabled: true, ...(alarm.request as object), ...describeState(alarm) };
}
