import type { AccountState } from '../../account/account-state.js';
import { alarmsOf, isTrue, nameOfAlarm } from './alarm-rule.js';
import { longDate } from './alarm-reason.js';
import type { Alarm, AlarmState, CompositeAlarm } from './alarm-state.js';

/** Sets the state, takes the actions of a new one, and evaluates the composite alarms that read it. */
export function setState(
  world: AccountState,
  alarm: Alarm,
  state: AlarmState,
  reason: string,
  data: string | undefined,
  path: string[] = [],
): void {
  const before = { value: alarm.state, reason: alarm.reason, data: alarm.reasonData };
  Object.assign(alarm, { state, reason, reasonData: data, updatedAt: world.time });
  if (state === before.value) return;
  alarm.transitionedAt = world.time;
  world.alarmHistory.recordState(alarm, world.time, before, { value: state, reason, data });
  takeActions(world, alarm);
  evaluateParents(world, alarm, [...path, alarm.name]);
}

/** Names of the composite alarms whose rules read the alarm. */
export function parentsOf(world: AccountState, name: string): CompositeAlarm[] {
  return [...world.alarms.values()].filter(
    (each) => each.kind === 'composite' && alarmsOf(each.rule).includes(name),
  ) as CompositeAlarm[];
}

/** Evaluates a composite alarm that was just put. */
export function evaluateComposite(
  world: AccountState,
  alarm: CompositeAlarm,
  change: 'created' | 'updated',
): void {
  const state = stateByRule(world, alarm);
  const reason = `${alarm.arn} was ${change} and its alarm rule evaluates to ${state}`;
  if (state !== alarm.state) setState(world, alarm, state, reason, undefined);
}

function evaluateParents(world: AccountState, child: Alarm, path: string[]): void {
  for (const parent of parentsOf(world, child.name)) {
    // CloudWatch stops at a cycle, too.
    if (path.includes(parent.name)) continue;
    const state = stateByRule(world, parent);
    if (state === parent.state) continue;
    const reason = `${child.arn} transitioned to ${child.state} at ${formatLongDate(world.time)}`;
    setState(world, parent, state, reason, triggeringAlarm(child), path);
  }
}

function stateByRule(world: AccountState, { rule }: CompositeAlarm): AlarmState {
  return isTrue(rule, (name) => world.alarms.get(name)?.state) ? 'ALARM' : 'OK';
}

function triggeringAlarm({ arn, state, transitionedAt }: Alarm): string {
  const triggering = { arn, state: { value: state, timestamp: longDate(transitionedAt) } };
  return JSON.stringify({ triggeringAlarms: [triggering] });
}

function takeActions(world: AccountState, alarm: Alarm): void {
  if (!alarm.actionsEnabled) return;
  if (alarm.kind === 'composite') {
    alarm.suppressed = suppressionOf(world, alarm);
    if (alarm.suppressed) return;
  }
  const { OKActions, AlarmActions, InsufficientDataActions } = alarm.request;
  const actions = { OK: OKActions, ALARM: AlarmActions, INSUFFICIENT_DATA: InsufficientDataActions }[
    alarm.state
  ];
  for (const action of actions ?? []) world.alarmHistory.recordAction(alarm, world.time, action);
}

function suppressionOf(world: AccountState, { request }: CompositeAlarm): CompositeAlarm['suppressed'] {
  const suppressor = nameOfAlarm(request.ActionsSuppressor ?? '');
  if (world.alarms.get(suppressor)?.state !== 'ALARM') return null;
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
