import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import type { AccountState } from '../../account/account-state.js';
import type { Validated } from '../../service-model/modelled.js';
import { checkActions } from './alarm-actions.js';
import { checkMetricAlarm } from './alarm-checks.js';
import { scheduleEvaluation } from './alarm-evaluation.js';
import type { MetricAlarm } from './alarm-state.js';
import { keepAlarm, startingState } from './keep-alarm.js';

export type PutMetricAlarmRequest = Validated<PutMetricAlarmInput>;

/** Creates the alarm, or changes it. Throws the error of CloudWatch. */
export function createMetricAlarm(account: AccountState, { Tags, ...request }: PutMetricAlarmRequest): void {
  checkActions(account, request);
  checkMetricAlarm(request);
  const alarm: MetricAlarm = {
    kind: 'metric',
    request,
    evaluationState: null,
    ...startingState(account, request),
  };
  keepAlarm(account, alarm, Tags);
  scheduleEvaluation(account, alarm);
}
