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
import { removeAlarm } from './remove-alarm.js';
import { validationFailure } from '../shapes.js';

const setAlarmState = operation('SetAlarmState', modelled<SetAlarmStateInput>(), (request, { account }) => {
  const alarm = account.alarms.get(request.AlarmName);
  // Without a message: LocalStack's recording test_exception_serializing_with_no_shape_in_spec.
  if (!alarm) throw new ServiceError('ResourceNotFound', '', 404);
  setState(account, alarm, request.StateValue, request.StateReason, request.StateReasonData);
  return {};
});

/**
 * botocore, DeleteAlarms: "If you specify any incorrect alarm names, the alarms you specify with correct names are still
 * deleted." A missing name alone is no error either: https://github.com/aws-cloudformation/cloudformation-cli/issues/456.
 */
const deleteAlarms = operation(
  'DeleteAlarms',
  modelled<DeleteAlarmsInput>(),
  ({ AlarmNames }, { account }) => {
    const alarms = [...new Set(AlarmNames)].flatMap((name) => account.alarms.get(name) ?? []);
    if (alarms.filter((alarm) => alarm.kind === 'composite').length > 1) {
      throw validationFailure('At most one composite alarm can be deleted at a time.');
    }
    refuseChildren(account, alarms);
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

/** CloudWatch's words for several alarms: https://github.com/cloud-custodian/cloud-custodian/issues/7763. */
function refuseChildren(account: AccountState, alarms: Alarm[]): void {
  const deleted = alarms.map(({ name }) => name);
  const children = deleted.filter((name) =>
    parentsOf(account, name).some((parent) => !deleted.includes(parent.name)),
  );
  if (children.length === 0) return;
  const them = children.length === 1 ? 'it' : 'them';
  throw validationFailure(
    `Cannot delete ${children.join(',')} as there are composite alarm(s) depending on ${them}.`,
  );
}

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
