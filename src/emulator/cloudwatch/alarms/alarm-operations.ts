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
import type { Alarm } from './alarm-state.js';
import { parentsOf, setState } from './alarm-transition.js';
import { validationFailure } from '../shapes.js';

const setAlarmState = operation('SetAlarmState', modelled<SetAlarmStateInput>(), (request, { world }) => {
  const alarm = world.alarms.get(request.AlarmName);
  if (!alarm) throw notFound(`Alarm ${request.AlarmName} does not exist.`);
  setState(world, alarm, request.StateValue, request.StateReason, request.StateReasonData);
  return {};
});

/** All or none. */
const deleteAlarms = operation('DeleteAlarms', modelled<DeleteAlarmsInput>(), ({ AlarmNames }, { world }) => {
  const missing = AlarmNames.filter((name) => !world.alarms.has(name));
  if (missing.length > 0) throw notFound(`Alarms do not exist: ${missing.join(', ')}`);
  const alarms = AlarmNames.flatMap((name) => world.alarms.get(name) ?? []);
  if (alarms.filter((alarm) => alarm.kind === 'composite').length > 1) {
    throw validationFailure('At most one composite alarm can be deleted at a time.');
  }
  for (const { name } of alarms) {
    if (parentsOf(world, name).some((parent) => !AlarmNames.includes(parent.name))) {
      throw validationFailure(`Cannot delete ${name} as there are composite alarm(s) depending on it.`);
    }
  }
  for (const alarm of alarms) remove(world, alarm);
  return {};
});

const enableAlarmActions = operation(
  'EnableAlarmActions',
  modelled<EnableAlarmActionsInput>(),
  ({ AlarmNames }, { world }) => setActions(world, AlarmNames, true),
);

const disableAlarmActions = operation(
  'DisableAlarmActions',
  modelled<DisableAlarmActionsInput>(),
  ({ AlarmNames }, { world }) => setActions(world, AlarmNames, false),
);

export const alarmOperations = [setAlarmState, deleteAlarms, enableAlarmActions, disableAlarmActions];

function remove(world: AccountState, alarm: Alarm): void {
  world.alarms.delete(alarm.name);
  world.tags.delete(alarm.arn);
  world.alarmHistory.recordConfiguration(alarm, world.time, 'deleted');
}

/** Unknown names are passed over. */
function setActions(world: AccountState, names: string[], enabled: boolean): object {
  for (const name of names) {
    const alarm = world.alarms.get(name);
    if (!alarm || alarm.actionsEnabled === enabled) continue;
    alarm.actionsEnabled = enabled;
    alarm.configuredAt = world.time;
    world.alarmHistory.recordConfiguration(alarm, world.time, 'updated');
  }
  return {};
}

function notFound(message: string): ServiceError {
  return new ServiceError('ResourceNotFound', message, 404);
}
