/**
 * Reads the scalable target of a variant. Sources: the API reference of Application Auto Scaling, and
 * https://docs.aws.amazon.com/autoscaling/application/userguide/services-that-can-integrate-sagemaker.html
 */
import {
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  DescribeScheduledActionsCommand,
  ListTagsForResourceCommand,
  type ApplicationAutoScalingClient,
  type ScalableTarget,
  type ScalingPolicy,
  type ScheduledAction,
} from '@aws-sdk/client-application-auto-scaling';
import { readAws } from '../aws/errors.js';
import { allPages } from '../aws/pages.js';
import { withoutReservedTags } from '../aws/tags.js';
import type { VariantPolicy, VariantScaling, VariantSchedule } from '../interface/scaling.js';

export interface ScalableVariant {
  endpoint: string;
  variant: string;
}

export function targetOf({ endpoint, variant }: ScalableVariant) {
  return {
    ServiceNamespace: 'sagemaker',
    ResourceId: `endpoint/${endpoint}/variant/${variant}`,
    ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
  } as const;
}

/** Null: the variant is no scalable target. */
export async function findScalableTarget(
  client: ApplicationAutoScalingClient,
  of: ScalableVariant,
): Promise<ScalableTarget | null> {
  const { ResourceId, ...target } = targetOf(of);
  const command = new DescribeScalableTargetsCommand({ ...target, ResourceIds: [ResourceId] });
  return (await readAws((o) => client.send(command, o))).ScalableTargets?.[0] ?? null;
}

/** Null: the variant is no scalable target. */
export async function readScaling(
  client: ApplicationAutoScalingClient,
  of: ScalableVariant,
): Promise<VariantScaling | null> {
  const target = await findScalableTarget(client, of);
  if (target === null) return null;
  const [policies, scheduledActions, tags] = await Promise.all([
    readPolicies(client, of),
    readSchedules(client, of),
    readTags(client, target.ScalableTargetARN),
  ]);
  const { MinCapacity = 0, MaxCapacity = 0, SuspendedState = {} } = target;
  return {
    minCapacity: MinCapacity,
    maxCapacity: MaxCapacity,
    suspended: {
      DynamicScalingInSuspended: SuspendedState.DynamicScalingInSuspended ?? false,
      DynamicScalingOutSuspended: SuspendedState.DynamicScalingOutSuspended ?? false,
      ScheduledScalingSuspended: SuspendedState.ScheduledScalingSuspended ?? false,
    },
    policies: policies.map(policyOf).toSorted(byName('PolicyName')),
    scheduledActions: scheduledActions.map(scheduleOf).toSorted(byName('ScheduledActionName')),
    tags,
  };
}

function byName<K extends string>(key: K) {
  return (a: Record<K, string | undefined>, b: Record<K, string | undefined>) =>
    (a[key] ?? '') < (b[key] ?? '') ? -1 : 1;
}

async function readPolicies(
  client: ApplicationAutoScalingClient,
  of: ScalableVariant,
): Promise<ScalingPolicy[]> {
  const pages = await allPages((token) => {
    const command = new DescribeScalingPoliciesCommand({ ...targetOf(of), ...token });
    return readAws((o) => client.send(command, o));
  });
  return pages.flatMap(({ ScalingPolicies = [] }) => ScalingPolicies);
}

async function readSchedules(
  client: ApplicationAutoScalingClient,
  of: ScalableVariant,
): Promise<ScheduledAction[]> {
  const pages = await allPages((token) => {
    const command = new DescribeScheduledActionsCommand({ ...targetOf(of), ...token });
    return readAws((o) => client.send(command, o));
  });
  return pages.flatMap(({ ScheduledActions = [] }) => ScheduledActions);
}

async function readTags(client: ApplicationAutoScalingClient, ResourceARN: string | undefined) {
  if (ResourceARN === undefined) return {};
  const command = new ListTagsForResourceCommand({ ResourceARN });
  return withoutReservedTags((await readAws((o) => client.send(command, o))).Tags ?? {});
}

/** Members that belong to the object of this variant, and not to what it does. */
const identity = ['CreationTime', 'ServiceNamespace', 'ResourceId', 'ScalableDimension'];
const ofPolicy = [...identity, 'PolicyARN', 'Alarms'];
const ofSchedule = [...identity, 'ScheduledActionARN'];

function policyOf(policy: ScalingPolicy): VariantPolicy {
  return withoutMembers(policy, ofPolicy) as unknown as VariantPolicy;
}

function scheduleOf(action: ScheduledAction): VariantSchedule {
  const { StartTime, EndTime } = action;
  return {
    ...withoutMembers(action, ofSchedule),
    ...(StartTime === undefined ? {} : { StartTime: StartTime.toISOString() }),
    ...(EndTime === undefined ? {} : { EndTime: EndTime.toISOString() }),
  } as unknown as VariantSchedule;
}

function withoutMembers(object: object, members: string[]): object {
  return Object.fromEntries(
    Object.entries(object).filter(([name, value]) => !members.includes(name) && value !== undefined),
  );
}
