import type { AccountState } from '../../account/account-state.js';
import { removeAlarm } from '../../cloudwatch/alarms/remove-alarm.js';
import type { ScalableTarget, ScalingPolicy } from '../scaling-state.js';

/**
 * Removes the target with its policies and scheduled actions (botocore, DeregisterScalableTarget), and with the alarms of
 * the policies. The instances stay.
 */
export function removeTarget(account: AccountState, target: ScalableTarget): void {
  for (const policy of target.policies.values()) removeAlarmsOf(account, policy);
  target.policies.clear();
  target.scheduledActions.clear();
  account.scaling.targets.delete(target.resourceId);
}

/** Deletes the alarms that target tracking made. Those of a step policy belong to the user. */
export function removeAlarmsOf(account: AccountState, policy: ScalingPolicy): void {
  if (policy.type !== 'TargetTrackingScaling') return;
  for (const name of [policy.alarms.high, policy.alarms.low]) {
    const alarm = name === null ? undefined : account.alarms.get(name);
    if (alarm) removeAlarm(account, alarm);
  }
}

export function targetsOf(account: AccountState, endpoint: string): ScalableTarget[] {
  return [...account.scaling.targets.values()].filter((target) => target.endpoint === endpoint);
}
