import type { Tag } from '@aws-sdk/client-cloudwatch';
import type { AccountState } from '../../account/account-state.js';
import type { Validated } from '../../service-model/modelled.js';
import type { Alarm } from './alarm-state.js';

/** A new alarm has insufficient data. A changed alarm keeps its state. */
export function startingState(
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
export function keepAlarm(account: AccountState, alarm: Alarm, tags: Validated<Tag>[] | undefined): void {
  const isNew = !account.alarms.has(alarm.name);
  account.alarms.set(alarm.name, alarm);
  if (isNew) account.tags.set(alarm.arn, tags ?? []);
  account.alarmHistory.recordConfiguration(alarm, account.time, isNew ? 'created' : 'updated');
}
