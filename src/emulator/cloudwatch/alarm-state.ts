import type { PutCompositeAlarmRequest, PutMetricAlarmRequest } from './alarms.js';
import type { AlarmRule } from './alarm-rule.js';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

interface AlarmBase {
  name: string;
  arn: string;
  state: AlarmState;
  reason: string;
  reasonData: string | undefined;
  /** Epoch ms; `transitionedAt` moves with the state alone. */
  updatedAt: number;
  transitionedAt: number;
  configuredAt: number;
}

export interface MetricAlarm extends AlarmBase {
  kind: 'metric';
  request: PutMetricAlarmRequest;
  evaluationFailed: boolean;
}

export interface CompositeAlarm extends AlarmBase {
  kind: 'composite';
  request: PutCompositeAlarmRequest;
  rule: AlarmRule;
}

export type Alarm = MetricAlarm | CompositeAlarm;
