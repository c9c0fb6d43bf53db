import type {
  DeleteAlarmsInput,
  DisableAlarmActionsInput,
  EnableAlarmActionsInput,
  SetAlarmStateInput,
} from '@aws-sdk/client-cloudwatch';
import { operation } from '../../http/operation.js';
import { ServiceError } from '../../http/service-error.js';
import { modelled } from '../../service-model/modelled.js';
import type { AccountState } from '../../account/account-state.js';
import { parentsOf, setState } from './alarm-transition.js';
import { removeAlarm } from './remove-alarm.js';
import { validationFailure } from '../shapes.js';

const setAlarmState = operation('SetAlarmState', modelled<SetAlarmStateInput>(), (request, { account }) => {
  const alarm = account.alarms.get(request.AlarmName);
  if (!alarm) throw notFound(`Alarm ${request.AlarmName} does not exist.`);
  setState(account, alarm, request.StateValue, request.StateReason, request.StateReasonData);
  return {};
});

/** Deletes all alarms of the request or none. */
const deleteAlarms = operation(
  'DeleteAlarms',
  modelled<DeleteAlarmsInput>(),
  ({ AlarmNames }, { account }) => {
    const missing = AlarmNames.filter((name) => !account.alarms.has(name));
    if (missing.length > 0) throw notFound(`Alarms do not exist: ${missing.join(', ')}`);
    const alarms = AlarmNames.flatMap((name) => account.alarms.get(name) ?? []);
    if (alarms.filter((alarm) => alarm.kind === 'composite').length > 1) {
      throw validationFailure('At most one composite alarm can be deleted at a time.');
    }
    for (const { name } of alarms) {
      if (parentsOf(account, name).some((parent) => !AlarmNames.includes(parent.name))) {
        throw validationFailure(`Cannot delete ${name} as there are composite alarm(s) depending on it.`);
      }
    }
    for (const alarm of alarms) removeAlarm(account, alarm);
    return {};
  },
);

const enableAlarmActions = operation(
  'EnableAlarmActions',
  modelled<EnableAlarmActionsInput>(),
  ({ AlarmNames }, { account }) => setActions(account, AlarmNames, true),
);

const disableAlarmActions = operation(
  'DisableAlarmActions',
  modelled<DisableAlarmActionsInput>(),
  ({ AlarmNames }, { account }) => setActions(account, AlarmNames, false),
);

export const alarmOperations = [setAlarmState, deleteAlarms, enableAlarmActions, disableAlarmActions];

/** Ignores unknown names. */
function setActions(account: AccountState, names: string[], enabled: boolean): object {
  for (const name of names) {
    const alarm = account.alarms.get(name);
    if (!alarm || alarm.actionsEnabled === enabled) continue;
    alarm.actionsEnabled = enabled;
    alarm.configuredAt = account.time;
    account.alarmHistory.recordConfiguration(alarm, account.time, 'updated');
  }
  return {};
}

function notFound(message: string): ServiceError {
  return new ServiceError('ResourceNotFound', message, 404);
}
