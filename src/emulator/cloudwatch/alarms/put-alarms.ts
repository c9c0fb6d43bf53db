import type { PutCompositeAlarmInput, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { operation } from '../../http/operation.js';
import { type Validated, modelled } from '../../service-model/modelled.js';
import { checkActions } from './alarm-actions.js';
import { alarmsOf, parseAlarmRule } from './alarm-rule.js';
import type { CompositeAlarm } from './alarm-state.js';
import { evaluateComposite } from './alarm-transition.js';
import { createMetricAlarm } from './create-metric-alarm.js';
import { keepAlarm, startingState } from './keep-alarm.js';
import { validationFailure } from '../shapes.js';

const putMetricAlarm = operation('PutMetricAlarm', modelled<PutMetricAlarmInput>(), (input, { account }) => {
  createMetricAlarm(account, input);
  return {};
});

const putCompositeAlarm = operation(
  'PutCompositeAlarm',
  modelled<PutCompositeAlarmInput>(),
  (input, { account }) => {
    const { Tags, ...request } = input;
    checkActions(account, request);
    const rule = parseAlarmRule(request.AlarmRule);
    const unknown = alarmsOf(rule).filter((name) => !account.alarms.has(name));
    if (unknown.length > 0) {
      // The words of CloudWatch in LocalStack's recordings.
      throw validationFailure(
        `Could not save the composite alarm as alarms [${unknown.join(', ')}] in the alarm rule do not exist`,
      );
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
    keepAlarm(account, alarm, Tags);
    evaluateComposite(account, alarm, change);
    return {};
  },
);

export const putAlarmOperations = [putMetricAlarm, putCompositeAlarm];

function hasSuppressorPeriods(request: Validated<PutCompositeAlarmInput>): boolean {
  const { ActionsSuppressorWaitPeriod: wait, ActionsSuppressorExtensionPeriod: extension } = request;
  return wait !== undefined && extension !== undefined;
}
