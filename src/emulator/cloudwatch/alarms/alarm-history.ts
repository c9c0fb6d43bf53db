import type { HistoryItemType } from '@aws-sdk/client-cloudwatch';
import type { Alarm, AlarmState } from './alarm-state.js';

export interface HistoryItem {
  alarm: string;
  alarmType: 'MetricAlarm' | 'CompositeAlarm';
  /** Epoch ms. */
  at: number;
  type: HistoryItemType;
  summary: string;
  /** JSON. */
  data: string;
}

interface AlarmSnapshot {
  value: AlarmState;
  reason: string;
  data: string | undefined;
}

const keptMs = 30 * 86_400_000;
const keptItems = 50_000;

/** The history of alarms, also of deleted ones, in order of time: 30 days, like CloudWatch, up to a limit. */
export class AlarmHistory {
  private items: HistoryItem[] = [];

  get all(): readonly HistoryItem[] {
    return this.items;
  }

  restore(items: readonly HistoryItem[]): void {
    this.items = [...items];
  }

  recordConfiguration(alarm: Alarm, at: number, change: 'created' | 'updated' | 'deleted'): void {
    const type = { created: 'Create', updated: 'Update', deleted: 'Delete' }[change];
    const data = { version: '1.0', type, [`${change}Alarm`]: { alarmName: alarm.name, alarmArn: alarm.arn } };
    this.add(alarm, at, 'ConfigurationUpdate', `Alarm "${alarm.name}" ${change}`, data);
  }

  recordState(alarm: Alarm, at: number, from: AlarmSnapshot, to: AlarmSnapshot): void {
    const data = { version: '1.0', oldState: describe(from), newState: describe(to) };
    this.add(alarm, at, 'StateUpdate', `Alarm updated from ${from.value} to ${to.value}`, data);
  }

  recordAction(alarm: Alarm, at: number, action: string): void {
    const data = {
      actionState: 'Succeeded',
      notificationResource: action,
      stateUpdateTimestamp: alarm.updatedAt,
    };
    this.add(alarm, at, 'Action', `Successfully executed action ${action}`, data);
  }

  private add(alarm: Alarm, at: number, type: HistoryItemType, summary: string, data: object): void {
    const alarmType = alarm.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm';
    this.items.push({ alarm: alarm.name, alarmType, at, type, summary, data: JSON.stringify(data) });
    const tooOld = (this.items[0]?.at ?? at) < at - keptMs - 3_600_000;
    if (tooOld || this.items.length > 1.1 * keptItems) {
      this.items = this.items.filter((item) => item.at >= at - keptMs).slice(-keptItems);
    }
  }
}

function describe({ value, reason, data }: AlarmSnapshot): object {
  return {
    stateValue: value,
    stateReason: reason,
    ...(data === undefined ? {} : { stateReasonData: parsed(data) }),
  };
}

/** SetAlarmState accepts any text. */
function parsed(data: string): unknown {
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return data;
  }
}
