import type { AccountState } from '../../account/account-state.js';
import { alarmsOf, isTrue, nameOfAlarm } from './alarm-rule.js';
import { longDate } from './alarm-reason.js';
import type { Alarm, AlarmState, CompositeAlarm, MetricAlarm } from './alarm-state.js';

const minuteMs = 60_000;

/** Sets the state, performs the actions of a new state, and evaluates the composite alarms that depend on it. */
export function setState(
  account: AccountState,
  alarm: Alarm,
  state: AlarmState,
  reason: string,
  data: string | undefined,
  path: string[] = [],
): void {
  const before = { value: alarm.state, reason: alarm.reason, data: alarm.reasonData };
  Object.assign(alarm, { state, reason, reasonData: data, updatedAt: account.time });
  if (state === before.value) return;
  alarm.transitionedAt = account.time;
  account.alarmHistory.recordState(alarm, account.time, before, { value: state, reason, data });
  takeActions(account, alarm);
  evaluateParents(account, alarm, [...path, alarm.name]);
}

/** Composite alarms whose rules contain the alarm. */
export function parentsOf(account: AccountState, name: string): CompositeAlarm[] {
  return [...account.alarms.values()].filter(
    (each) => each.kind === 'composite' && alarmsOf(each.rule).includes(name),
  ) as CompositeAlarm[];
}

/** Evaluates a composite alarm after PutCompositeAlarm. */
export function evaluateComposite(
  account: AccountState,
  alarm: CompositeAlarm,
  change: 'created' | 'updated',
): void {
  const state = stateByRule(account, alarm);
  const reason = `${alarm.arn} was ${change} and its alarm rule evaluates to ${state}`;
  if (state === alarm.state) return;
  // Every child is listed: Cloud Custodian's recording test_add_composite_alarm_tags.
  const children = [...new Set(alarmsOf(alarm.rule))].flatMap((name) => account.alarms.get(name) ?? []);
  setState(account, alarm, state, reason, triggeringAlarms(children));
}

function evaluateParents(account: AccountState, child: Alarm, path: string[]): void {
  for (const parent of parentsOf(account, child.name)) {
    // CloudWatch also stops at a cycle.
    if (path.includes(parent.name)) continue;
    const state = stateByRule(account, parent);
    if (state === parent.state) continue;
    const reason = `${child.arn} transitioned to ${child.state} at ${formatLongDate(account.time)}`;
    setState(account, parent, state, reason, triggeringAlarms([child]), path);
  }
}

function stateByRule(account: AccountState, { rule }: CompositeAlarm): AlarmState {
  return isTrue(rule, (name) => account.alarms.get(name)?.state) ? 'ALARM' : 'OK';
}

function triggeringAlarms(alarms: Alarm[]): string {
  return JSON.stringify({
    triggeringAlarms: alarms.map(({ arn, state, transitionedAt }) => {
      return { arn, state: { value: state, timestamp: longDate(transitionedAt) } };
    }),
  });
}

function takeActions(account: AccountState, alarm: Alarm): void {
  if (!alarm.actionsEnabled) return;
  if (alarm.kind === 'composite') {
    alarm.suppressed = suppressionOf(account, alarm);
    if (alarm.suppressed) return;
  }
  for (const action of actionsOf(alarm)) {
    account.alarmHistory.recordAction(alarm, account.time, action);
    if (alarm.kind === 'metric') account.onAlarmAction(alarm, action);
  }
}

/**
 * An alarm invokes scaling policies again each minute while it stays in a state. It takes other actions once. Source: the
 * CloudWatch user guide, "Alarm actions". `sinceMs`: time from the last evaluation.
 */
export function repeatScalingActions(account: AccountState, alarm: MetricAlarm, sinceMs: number): void {
  const minutesAt = (time: number) => Math.floor((time - alarm.transitionedAt) / minuteMs);
  if (!alarm.actionsEnabled || minutesAt(account.time) <= Math.max(0, minutesAt(account.time - sinceMs)))
    return;
  for (const action of actionsOf(alarm))
    if (serviceOfArn(action) === 'autoscaling') account.onAlarmAction(alarm, action);
}

function actionsOf({ request, state }: Alarm): string[] {
  const { OKActions, AlarmActions, InsufficientDataActions } = request;
  return { OK: OKActions, ALARM: AlarmActions, INSUFFICIENT_DATA: InsufficientDataActions }[state] ?? [];
}

/** arn:PARTITION:SERVICE:... */
function serviceOfArn(arn: string): string | undefined {
  return arn.split(':')[2];
}

function suppressionOf(account: AccountState, { request }: CompositeAlarm): CompositeAlarm['suppressed'] {
  const suppressor = nameOfAlarm(request.ActionsSuppressor ?? '');
  if (account.alarms.get(suppressor)?.state !== 'ALARM') return null;
  return { by: 'Alarm', reason: 'Actions suppressed by Alarm' };
}

/** Friday 22 July, 2022 15:57:45 UTC */
function formatLongDate(time: number): string {
  const date = new Date(time);
  const word = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-US', { ...options, timeZone: 'UTC' }).format(date);
  const day = `${word({ weekday: 'long' })} ${date.getUTCDate()} ${word({ month: 'long' })}`;
  return `${day}, ${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)} UTC`;
}
