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
  const found: ScalingPolicy[] = [];
  let NextToken: string | undefined;
  do {
    const command = new DescribeScalingPoliciesCommand({ ...targetOf(of), NextToken });
    const page = await readAws((o) => client.send(command, o));
    found.push(...(page.ScalingPolicies ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

async function readSchedules(
  client: ApplicationAutoScalingClient,
  of: ScalableVariant,
): Promise<ScheduledAction[]> {
  const found: ScheduledAction[] = [];
  let NextToken: string | undefined;
  do {
    const command = new DescribeScheduledActionsCommand({ ...targetOf(of), NextToken });
    const page = await readAws((o) => client.send(command, o));
    found.push(...(page.ScheduledActions ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

async function readTags(client: ApplicationAutoScalingClient, ResourceARN: string | undefined) {
  if (ResourceARN === undefined) return {};
  const command = new ListTagsForResourceCommand({ ResourceARN });
  return withoutReservedTags((await readAws((o) => client.send(command, o))).Tags ?? {});
}

/** Members that belong to the policy and not to what it does. */
const ofPolicy = [
  'PolicyARN',
  'Alarms',
  'CreationTime',
  'ServiceNamespace',
  'ResourceId',
  'ScalableDimension',
];

function policyOf(policy: ScalingPolicy): VariantPolicy {
  return withoutMembers(policy, ofPolicy) as unknown as VariantPolicy;
}

const ofSchedule = [
  'ScheduledActionARN',
  'CreationTime',
  'ServiceNamespace',
  'ResourceId',
  'ScalableDimension',
];

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
