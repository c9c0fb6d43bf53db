import type { AccountState } from '../../account/account-state.js';
import type { ScalableTarget, ScalingPolicy } from '../scaling-state.js';

/** botocore, TargetTrackingScalingPolicyConfiguration and StepScalingPolicyConfiguration, for SageMaker variants. */
const defaultSeconds = 300;

/**
 * The capacity that a policy wants, or null within the cooldown of the last change. `wantedAt`: by the present capacity.
 * Source: botocore, ScaleInCooldown and ScaleOutCooldown.
 * - A scale-in waits for the end of the cooldown. A scale-out in that time is made at once.
 * - A scale-out waits too, unless it is larger than the last one: the instances that the last one added are a part of it.
 */
export function afterCooldown(
  account: AccountState,
  { lastScaling }: ScalableTarget,
  policy: ScalingPolicy,
  present: number,
  wantedAt: (capacity: number) => number | null,
): number | null {
  const wanted = wantedAt(present);
  if (wanted === null || !lastScaling) return wanted;
  const direction = wanted > present ? 'out' : 'in';
  const { activity, from } = lastScaling;
  // Only a successful change in the same direction begins a cooldown.
  if (lastScaling.direction !== direction || activity.status === 'Failed') return wanted;
  const startsAt = activity.endedAt ?? account.time;
  if (account.time >= startsAt + secondsOf(policy, direction) * 1000) return wanted;
  if (direction === 'in') return null;
  const larger = wantedAt(from) ?? present;
  return larger > present ? larger : null;
}

function secondsOf(policy: ScalingPolicy, direction: 'in' | 'out'): number {
  if (policy.type === 'StepScaling') return policy.configuration.Cooldown ?? defaultSeconds;
  const { ScaleInCooldown, ScaleOutCooldown } = policy.configuration;
  return (direction === 'in' ? ScaleInCooldown : ScaleOutCooldown) ?? defaultSeconds;
}
