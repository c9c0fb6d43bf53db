/** An alarm invokes a scaling policy. */
import type { NotScaledReason } from '@aws-sdk/client-application-auto-scaling';
import type { AccountState } from '../../account/account-state.js';
import { newestDatapoint } from '../../cloudwatch/alarms/alarm-evaluation.js';
import type { MetricAlarm } from '../../cloudwatch/alarms/alarm-state.js';
import { changeCapacity, scalableVariant, withinBounds } from '../activities/change-capacity.js';
import { afterCooldown } from './cooldown.js';
import { policyOfAction } from './policy-alarms.js';
import { recordNotScaled } from '../activities/scaling-activities.js';
import type { ScalableTarget, ScalingPolicy } from '../scaling-state.js';
import { stepCapacity } from './step-capacity.js';
import { trackingCapacity } from './tracking-capacity.js';

/** Does nothing if the action names no policy: it is a topic, or the policy is gone. */
export function invokePolicy(account: AccountState, alarm: MetricAlarm, action: string): void {
  const found = policyOfAction(account, action);
  if (found) scale(account, found, alarm);
}

function scale(
  account: AccountState,
  { target, policy }: { target: ScalableTarget; policy: ScalingPolicy },
  alarm: MetricAlarm,
): void {
  const cause = `monitor alarm ${alarm.name} in state ${alarm.state} triggered policy ${policy.name}`;
  const notScaled = (reason: NotScaledReason) => recordNotScaled(account, target, cause, reason);
  const found = scalableVariant(account, target);
  if (!found) return notScaled({ Code: 'TargetServicePutResourceAsUnscalable' });
  const present = found.variant.desiredCount;
  const metric = newestDatapoint(account, alarm);
  if (metric === null) return;
  const wantedAt = (capacity: number) =>
    policy.type === 'StepScaling'
      ? stepCapacity(policy.configuration, alarm, { present: capacity, metric })
      : trackingCapacity(account, target, policy, alarm, { present: capacity, metric });
  // A present capacity outside of the limits moves into them, whatever the cooldown.
  const isOutside = withinBounds(target, present) !== present;
  const wanted = isOutside ? wantedAt(present) : afterCooldown(account, target, policy, present, wantedAt);
  if (wanted === null) return;
  const count = withinBounds(target, wanted);
  if (count === present) return notScaled(reasonOf(target, present, wanted));
  const direction = count > present ? 'out' : 'in';
  if (target.suspended[direction === 'out' ? 'scaleOut' : 'scaleIn']) return;
  const activity = changeCapacity(account, target, found, count, cause);
  target.lastScaling = { activity, direction, from: present };
}

/** https://docs.aws.amazon.com/autoscaling/application/APIReference/API_NotScaledReason.html */
function reasonOf(
  { minCapacity, maxCapacity }: ScalableTarget,
  present: number,
  wanted: number,
): NotScaledReason {
  if (wanted > maxCapacity) return { Code: 'AlreadyAtMaxCapacity', MaxCapacity: maxCapacity };
  if (wanted < minCapacity) return { Code: 'AlreadyAtMinCapacity', MinCapacity: minCapacity };
  return { Code: 'AlreadyAtDesiredCapacity', CurrentCapacity: present };
}
