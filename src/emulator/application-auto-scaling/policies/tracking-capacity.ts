import type { AccountState } from '../../account/account-state.js';
import type { MetricAlarm } from '../../cloudwatch/alarms/alarm-state.js';
import type { CapacityReading } from './step-capacity.js';
import type { ScalableTarget, TrackingPolicy } from '../scaling-state.js';

/**
 * The capacity that brings the metric to its target, or null. Source:
 * https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
 * - Out: in proportion to the metric.
 * - In: one instance at a time, and not if one instance less would push the metric above the target. The page says only
 *   that scaling in is more gradual.
 * - Of several policies, each one can scale out, and all of them must be ready to scale in.
 */
export function trackingCapacity(
  account: AccountState,
  target: ScalableTarget,
  policy: TrackingPolicy,
  alarm: MetricAlarm,
  { present, metric }: CapacityReading,
): number | null {
  const wanted = Math.ceil((Math.max(1, present) * metric) / policy.configuration.TargetValue);
  if (alarm.name === policy.alarms.high) return Math.max(present, wanted);
  if (wanted >= present) return present;
  return areReadyToScaleIn(account, target) ? present - 1 : null;
}

function areReadyToScaleIn({ alarms }: AccountState, { policies }: ScalableTarget): boolean {
  return [...policies.values()].every(
    (policy) =>
      policy.type === 'StepScaling' ||
      policy.alarms.low === null ||
      alarms.get(policy.alarms.low)?.state === 'ALARM',
  );
}
