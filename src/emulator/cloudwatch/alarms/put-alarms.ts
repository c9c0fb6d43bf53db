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

const putMetricAlarm = operation('PutMetricAlarm', modelled<PutMetricAlarmInput>(), (input, { world }) => {
  const { Tags, ...request } = input;
  checkMetricAlarm(request);
  const alarm: MetricAlarm = {
    kind: 'metric',
    request,
    evaluationState: null,
    ...startingState(world, request),
  };
  keep(world, alarm, Tags);
  scheduleEvaluation(world, alarm);
  return {};
});

const putCompositeAlarm = operation(
  'PutCompositeAlarm',
  modelled<PutCompositeAlarmInput>(),
  (input, { world }) => {
    const { Tags, ...request } = input;
    const rule = parseAlarmRule(request.AlarmRule);
    const unknown = alarmsOf(rule).filter((name) => !world.alarms.has(name));
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
      ...startingState(world, request),
    };
    const change = world.alarms.has(alarm.name) ? 'updated' : 'created';
    keep(world, alarm, Tags);
    evaluateComposite(world, alarm, change);
    return {};
  },
);

export const putAlarmOperations = [putMetricAlarm, putCompositeAlarm];

function hasSuppressorPeriods(request: Validated<PutCompositeAlarmInput>): boolean {
  const { ActionsSuppressorWaitPeriod: wait, ActionsSuppressorExtensionPeriod: extension } = request;
  return wait !== undefined && extension !== undefined;
}

/** A new alarm knows nothing yet; a changed one keeps its state. */
function startingState(
  world: AccountState,
  { AlarmName, ActionsEnabled }: { AlarmName: string; ActionsEnabled?: boolean },
) {
  const existing = world.alarms.get(AlarmName);
  return {
    name: AlarmName,
    arn: world.arn('alarm', AlarmName, 'cloudwatch'),
    state: existing?.state ?? 'INSUFFICIENT_DATA',
    reason: existing?.reason ?? 'Unchecked: Initial alarm creation',
    reasonData: existing?.reasonData,
    actionsEnabled: ActionsEnabled ?? true,
    updatedAt: existing?.updatedAt ?? world.time,
    transitionedAt: existing?.transitionedAt ?? world.time,
    configuredAt: world.time,
  } as const;
}

/** Tags are taken at creation alone: those of an update CloudWatch ignores. */
function keep(world: AccountState, alarm: Alarm, tags: Validated<Tag>[] | undefined): void {
  const isNew = !world.alarms.has(alarm.name);
  world.alarms.set(alarm.name, alarm);
  if (isNew) world.tags.set(alarm.arn, tags ?? []);
  world.alarmHistory.recordConfiguration(alarm, world.time, isNew ? 'created' : 'updated');
}
