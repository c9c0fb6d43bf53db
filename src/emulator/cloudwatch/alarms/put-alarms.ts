import type { PutCompositeAlarmInput, PutMetricAlarmInput, Tag } from '@aws-sdk/client-cloudwatch';
import { operation } from '../../http/operation.js';
import { type Validated, modelled } from '../../service-model/modelled.js';
import type { AccountState } from '../../account/account-state.js';
import { checkMetricAlarm } from './alarm-checks.js';
import { scheduleEvaluation } from './alarm-evaluation.js';
import { alarmsOf, parseAlarmRule } from './alarm-rule.js';
import type { Alarm, CompositeAlarm, MetricAlarm } from './alarm-state.js';
import { evaluateComposite } from './alarm-transition.js';
import { validationFailure } from '../shapes.js';

const putMetricAlarm = operation('PutMetricAlarm', modelled<PutMetricAlarmInput>(), (input, { account }) => {
  const { Tags, ...request } = input;
  checkMetricAlarm(request);
  const alarm: MetricAlarm = {
    kind: 'metric',
    request,
    evaluationState: null,
    ...startingState(account, request),
  };
  keep(account, alarm, Tags);
  scheduleEvaluation(account, alarm);
  return {};
});

const putCompositeAlarm = operation(
  'PutCompositeAlarm',
  modelled<PutCompositeAlarmInput>(),
  (input, { account }) => {
    const { Tags, ...request } = input;
    const rule = parseAlarmRule(request.AlarmRule);
    const unknown = alarmsOf(rule).filter((name) => !account.alarms.has(name));
    if (unknown.length > 0) {
      throw validationFailure(`AlarmRule refers to alarms that do not exist: ${unknown.join(', ')}`);
    }
    if (request.ActionsSuppressor !== undefined && !hasSuppressorPeriods(request)) {
      throw validationFailure(
        'ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod must be specified with ActionsSuppressor.',
      );
    }
    const alarm: CompositeAlarm = {
      kind: 'composite',
      request,
      rule,
      suppressed: null,
      ...startingState(account, request),
    };
    const change = account.alarms.has(alarm.name) ? 'updated' : 'created';
    keep(account, alarm, Tags);
    evaluateComposite(account, alarm, change);
    return {};
  },
);

export const putAlarmOperations = [putMetricAlarm, putCompositeAlarm];

function hasSuppressorPeriods(request: Validated<PutCompositeAlarmInput>): boolean {
  const { ActionsSuppressorWaitPeriod: wait, ActionsSuppressorExtensionPeriod: extension } = request;
  return wait !== undefined && extension !== undefined;
}

/** A new alarm has insufficient data. A changed alarm keeps its state. */
function startingState(
  account: AccountState,
  { AlarmName, ActionsEnabled }: { AlarmName: string; ActionsEnabled?: boolean },
) {
  const existing = account.alarms.get(AlarmName);
  return {
    name: AlarmName,
    arn: account.arn('alarm', AlarmName, 'cloudwatch'),
    state: existing?.state ?? 'INSUFFICIENT_DATA',
    reason: existing?.reason ?? 'Unchecked: Initial alarm creation',
    reasonData: existing?.reasonData,
    actionsEnabled: ActionsEnabled ?? true,
    updatedAt: existing?.updatedAt ?? account.time,
    transitionedAt: existing?.transitionedAt ?? account.time,
    configuredAt: account.time,
  } as const;
}

/** CloudWatch stores tags only at creation and ignores those of an update. */
function keep(account: AccountState, alarm: Alarm, tags: Validated<Tag>[] | undefined): void {
  const isNew = !account.alarms.has(alarm.name);
  account.alarms.set(alarm.name, alarm);
  if (isNew) account.tags.set(alarm.arn, tags ?? []);
  account.alarmHistory.recordConfiguration(alarm, account.time, isNew ? 'created' : 'updated');
}
