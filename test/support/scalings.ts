/** Scalable targets of an account, as a test compares them. */
import {
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  DescribeScheduledActionsCommand,
  ListTagsForResourceCommand,
  type ApplicationAutoScalingClient,
} from '@aws-sdk/client-application-auto-scaling';

/** By `endpoint/variant`. Plain JSON. */
export type Scalings = Record<string, unknown>;

/** Each scalable target of variants, without ARNs, names of alarms and times. */
export async function scalingsOf(autoscaling: ApplicationAutoScalingClient): Promise<Scalings> {
  const namespace = { ServiceNamespace: 'sagemaker' } as const;
  const [{ ScalableTargets = [] }, { ScalingPolicies = [] }, { ScheduledActions = [] }] = await Promise.all([
    autoscaling.send(new DescribeScalableTargetsCommand(namespace)),
    autoscaling.send(new DescribeScalingPoliciesCommand(namespace)),
    autoscaling.send(new DescribeScheduledActionsCommand(namespace)),
  ]);
  const found = ScalableTargets.map(
    async ({ ResourceId = '', ScalableTargetARN: ResourceARN, ...target }) => {
      const { MinCapacity, MaxCapacity, SuspendedState } = target;
      const { Tags } = await autoscaling.send(new ListTagsForResourceCommand({ ResourceARN }));
      const isOfTarget = (each: { ResourceId?: string | undefined }) => each.ResourceId === ResourceId;
      const policies = ScalingPolicies.toSorted(by('PolicyName'))
        .filter(isOfTarget)
        .map((each) => [
          ...[each.PolicyName, each.PolicyType],
          ...[each.TargetTrackingScalingPolicyConfiguration, each.StepScalingPolicyConfiguration],
        ]);
      const actions = ScheduledActions.toSorted(by('ScheduledActionName'))
        .filter(isOfTarget)
        .map((each) => [
          ...[each.ScheduledActionName, each.Schedule, each.Timezone, each.ScalableTargetAction],
        ]);
      const [, endpoint, , variant] = ResourceId.split('/');
      const scaling = { MinCapacity, MaxCapacity, SuspendedState, Tags, policies, actions };
      return [`${endpoint}/${variant}`, scaling] as const;
    },
  );
  // Absent members are the same as undefined ones.
  return JSON.parse(JSON.stringify(Object.fromEntries(await Promise.all(found)))) as Scalings;
}

function by<K extends string>(key: K) {
  return (a: Partial<Record<K, string | undefined>>, b: Partial<Record<K, string | undefined>>) =>
    String(a[key]) < String(b[key]) ? -1 : 1;
}
