import type { AccountState } from '../../account/account-state.js';
import type { MetricAlarm } from '../../cloudwatch/alarms/alarm-state.js';
import type { ScalableTarget, ScalingPolicy } from '../scaling-state.js';

/** Target tracking adds this part to the ARN of its policy, as exported alarms show. */
export function actionOf({ arn, actionId }: { arn: string; actionId: string }): string {
  return `${arn}:createdBy/${actionId}`;
}

export function isActionOf(policy: ScalingPolicy, action: string): boolean {
  return action === policy.arn || (policy.type === 'TargetTrackingScaling' && action === actionOf(policy));
}

/** The alarms that invoke the policy, in the order of their creation. */
export function alarmsNaming({ alarms }: AccountState, policy: ScalingPolicy): MetricAlarm[] {
  return [...alarms.values()].filter((alarm): alarm is MetricAlarm => {
    if (alarm.kind !== 'metric') return false;
    const { AlarmActions = [], OKActions = [], InsufficientDataActions = [] } = alarm.request;
    return [...AlarmActions, ...OKActions, ...InsufficientDataActions].some((action) =>
      isActionOf(policy, action),
    );
  });
}

/** The policy that an alarm's action names, with its target. Null: none. */
export function policyOfAction(
  { scaling }: AccountState,
  action: string,
): { target: ScalableTarget; policy: ScalingPolicy } | null {
  for (const target of scaling.targets.values())
    for (const policy of target.policies.values()) if (isActionOf(policy, action)) return { target, policy };
  return null;
}
