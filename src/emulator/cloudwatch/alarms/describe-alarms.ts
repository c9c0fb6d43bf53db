import type {
  DescribeAlarmsForMetricInput,
  DescribeAlarmsForMetricOutput,
  DescribeAlarmsInput,
  DescribeAlarmsOutput,
} from '@aws-sdk/client-cloudwatch';
import { operation } from '../../http/operation.js';
import { type Validated, modelled } from '../../service-model/modelled.js';
import type { AccountState } from '../../account/account-state.js';
import { alarmsOf } from './alarm-rule.js';
import { type Alarm, type MetricAlarm, metricStatOf } from './alarm-state.js';
import { parentsOf } from './alarm-transition.js';
import { describeComposite, describeMetricAlarm } from './alarm-view.js';
import { metricsPageOf } from '../queries/paging.js';
import { metricIdOf, validationFailure } from '../shapes.js';

type DescribeAlarmsRequest = Validated<DescribeAlarmsInput>;

const defaultPageSize = 50;
const maximumPageSize = 100;

/** Ignores unknown names. Returns composite alarms only if AlarmTypes contains their type. */
const describeAlarms = operation(
  'DescribeAlarms',
  modelled<DescribeAlarmsInput>(),
  (request, { account }): DescribeAlarmsOutput => {
    checkSelection(request);
    const size = request.MaxRecords ?? request.AlarmNames?.length ?? defaultPageSize;
    const page = (alarms: Alarm[]) =>
      metricsPageOf(
        alarms.sort((a, b) => (a.name < b.name ? -1 : 1)),
        request.NextToken,
        Math.min(maximumPageSize, Math.max(1, size)),
      );
    if (request.ParentsOfAlarmName !== undefined)
      return describeParents(account, request.ParentsOfAlarmName, page);
    if (request.ChildrenOfAlarmName !== undefined)
      return describeChildren(account, request.ChildrenOfAlarmName, page);
    const { items, ...token } = page(
      [...account.alarms.values()].filter((alarm) => isSelected(alarm, request)),
    );
    return {
      MetricAlarms: items.flatMap((alarm) => (alarm.kind === 'metric' ? [describeMetricAlarm(alarm)] : [])),
      CompositeAlarms: items.flatMap((alarm) =>
        alarm.kind === 'composite' ? [describeComposite(alarm)] : [],
      ),
      ...token,
    };
  },
);

/** Alarms on the metric itself, without expressions that use it and without composite alarms. */
const describeAlarmsForMetric = operation(
  'DescribeAlarmsForMetric',
  modelled<DescribeAlarmsForMetricInput>(),
  (request, { account }): DescribeAlarmsForMetricOutput => ({
    MetricAlarms: [...account.alarms.values()]
      .filter((alarm) => alarm.kind === 'metric')
      .filter((alarm) => isOnMetric(alarm, request))
      .map(describeMetricAlarm),
  }),
);

export const describeAlarmOperations = [describeAlarms, describeAlarmsForMetric];

type Page = (alarms: Alarm[]) => { items: Alarm[]; NextToken?: string };

function checkSelection(request: DescribeAlarmsRequest): void {
  if (request.AlarmNames !== undefined && request.AlarmNamePrefix !== undefined) {
    throw validationFailure('AlarmNames and AlarmNamePrefix are mutually exclusive.');
  }
  const relatives = (['ChildrenOfAlarmName', 'ParentsOfAlarmName'] as const).find(
    (name) => request[name] !== undefined,
  );
  const others = Object.keys(request).filter(
    (name) => ![relatives, 'MaxRecords', 'NextToken'].includes(name),
  );
  if (relatives !== undefined && others.length > 0) {
    throw validationFailure(`${relatives} cannot be combined with ${others.join(', ')}.`);
  }
}

function isSelected(alarm: Alarm, request: DescribeAlarmsRequest): boolean {
  const types: string[] = request.AlarmTypes ?? ['MetricAlarm'];
  const { OKActions = [], AlarmActions = [], InsufficientDataActions = [] } = alarm.request;
  const actions = [...OKActions, ...AlarmActions, ...InsufficientDataActions];
  const prefix = request.ActionPrefix;
  return (
    types.includes(alarm.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm') &&
    (request.AlarmNames?.includes(alarm.name) ?? true) &&
    alarm.name.startsWith(request.AlarmNamePrefix ?? '') &&
    (request.StateValue === undefined || alarm.state === request.StateValue) &&
    (prefix === undefined || actions.some((action) => action.startsWith(prefix)))
  );
}

function describeParents(account: AccountState, name: string, page: Page): DescribeAlarmsOutput {
  const { items, ...token } = page(parentsOf(account, name));
  const CompositeAlarms = items.map((alarm) => ({ AlarmName: alarm.name, AlarmArn: alarm.arn }));
  return { MetricAlarms: [], CompositeAlarms, ...token };
}

function describeChildren(account: AccountState, name: string, page: Page): DescribeAlarmsOutput {
  const parent = account.alarms.get(name);
  const names = parent?.kind === 'composite' ? alarmsOf(parent.rule) : [];
  const children = [...new Set(names)].flatMap((child) => account.alarms.get(child) ?? []);
  const { items, ...token } = page(children);
  const describe = (alarm: Alarm) => ({
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    StateValue: alarm.state,
    StateUpdatedTimestamp: new Date(alarm.updatedAt),
  });
  return {
    MetricAlarms: items.filter((alarm) => alarm.kind === 'metric').map(describe),
    CompositeAlarms: items.filter((alarm) => alarm.kind === 'composite').map(describe),
    ...token,
  };
}

function isOnMetric(alarm: MetricAlarm, asked: Validated<DescribeAlarmsForMetricInput>): boolean {
  const stat = metricStatOf(alarm);
  if (!stat) return false;
  const identity = (metric: Parameters<typeof metricIdOf>[0]) => {
    const { namespace, name, dimensions } = metricIdOf(metric);
    return JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);
  };
  return (
    identity(stat.Metric ?? {}) === identity(asked) &&
    (asked.Statistic === undefined || asked.Statistic === alarm.request.Statistic) &&
    (asked.ExtendedStatistic === undefined || asked.ExtendedStatistic === alarm.request.ExtendedStatistic) &&
    (asked.Period === undefined || asked.Period === alarm.request.Period) &&
    (asked.Unit === undefined || asked.Unit === alarm.request.Unit)
  );
}
