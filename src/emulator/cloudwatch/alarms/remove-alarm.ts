import type { AccountState } from '../../account/account-state.js';
import type { Alarm } from './alarm-state.js';

export function removeAlarm(account: AccountState, alarm: Alarm): void {
  account.alarms.delete(alarm.name);
  account.tags.delete(alarm.arn);
  account.alarmHistory.recordConfiguration(alarm, account.time, 'deleted');
}
