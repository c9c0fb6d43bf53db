/** Brings the scalable target of a variant to a desired state. Each call is safe to repeat. */
import { isDeepStrictEqual } from 'node:util';
import {
  DeleteScalingPolicyCommand,
  DeleteScheduledActionCommand,
  DeregisterScalableTargetCommand,
  PutScalingPolicyCommand,
  PutScheduledActionCommand,
  RegisterScalableTargetCommand,
  TagResourceCommand,
  UntagResourceCommand,
  type ApplicationAutoScalingClient,
} from '@aws-sdk/client-application-auto-scaling';
import { mutateAws, orNull } from '../aws/errors.js';
import { nowMs } from '../temporal/polling.js';
import type { VariantScaling, VariantSchedule } from '../interface/scaling.js';
import { findScalableTarget, readScaling, targetOf, type ScalableVariant } from './scalable-variant.js';

/** Returns false if nothing was to do. A caller that gets true reads again, until it gets false. */
export async function setScaling(
  client: ApplicationAutoScalingClient,
  of: ScalableVariant,
  desired: VariantScaling,
): Promise<boolean> {
  const found = await readScaling(client, of);
  const wanted = { ...desired, scheduledActions: desired.scheduledActions.filter(canStillRun) };
  if (isDeepStrictEqual(found, wanted)) return false;
  await register(client, of, wanted, found);
  await setPolicies(client, of, wanted, found);
  await setSchedules(client, of, wanted, found);
  await setTags(client, of, wanted, found);
  return true;
}

/** Deletes the policies, their alarms and the scheduled actions too. Returns false if the variant was no scalable target. */
export async function deregister(
  client: ApplicationAutoScalingClient,
  of: ScalableVariant,
): Promise<boolean> {
  if ((await findScalableTarget(client, of)) === null) return false;
  const command = new DeregisterScalableTargetCommand(targetOf(of));
  await orNull(mutateAws((o) => client.send(command, o)));
  return true;
}

/** AWS refuses to set a time that has passed, and an action that has ended does nothing more. */
function canStillRun({ Schedule = '', EndTime, Timezone }: VariantSchedule): boolean {
  if (EndTime !== undefined && Date.parse(EndTime) <= nowMs()) return false;
  const [, once] = /^at\((.+)\)$/.exec(Schedule) ?? [];
  if (once === undefined) return true;
  const dayMs = 86_400_000;
  // A zone moves the time by less than a day.
  const slackMs = Timezone === undefined || Timezone === 'UTC' ? 0 : dayMs;
  return Date.parse(`${once}Z`) + slackMs > nowMs();
}

type Found = VariantScaling | null;

async function register(
  client: ApplicationAutoScalingClient,
  of: ScalableVariant,
  { minCapacity, maxCapacity, suspended }: VariantScaling,
  found: Found,
): Promise<void> {
  const bounds = { minCapacity, maxCapacity, suspended };
  if (
    found &&
    isDeepStrictEqual(bounds, {
      minCapacity: found.minCapacity,
      maxCapacity: found.maxCapacity,
      suspended: found.suspended,
    })
  )
    return;
  const command = new RegisterScalableTargetCommand({
    ...targetOf(of),
    MinCapacity: minCapacity,
    MaxCapacity: maxCapacity,
    SuspendedState: suspended,
  });
  await mutateAws((o) => client.send(command, o));
}

async function setPolicies(
  client: ApplicationAutoScalingClient,
  of: ScalableVariant,
  { policies }: VariantScaling,
  found: Found,
): Promise<void> {
  for (const policy of policies) {
    const present = found?.policies.find(({ PolicyName }) => PolicyName === policy.PolicyName);
    if (isDeepStrictEqual(present, policy)) continue;
    const command = new PutScalingPolicyCommand({ ...policy, ...targetOf(of) });
    await mutateAws((o) => client.send(command, o));
  }
  for (const { PolicyName } of found?.policies ?? []) {
    if (policies.some((policy) => policy.PolicyName === PolicyName)) continue;
    const command = new DeleteScalingPolicyCommand({ ...targetOf(of), PolicyName });
    await orNull(mutateAws((o) => client.send(command, o)));
  }
}

async function setSchedules(
  client: ApplicationAutoScalingClient,
  of: ScalableVariant,
  { scheduledActions }: VariantScaling,
  found: Found,
): Promise<void> {
  const named = (list: VariantSchedule[], name: string | undefined) =>
    list.find(({ ScheduledActionName }) => ScheduledActionName === name);
  for (const action of scheduledActions) {
    if (isDeepStrictEqual(named(found?.scheduledActions ?? [], action.ScheduledActionName), action)) continue;
    const { StartTime, EndTime, ...rest } = action;
    const command = new PutScheduledActionCommand({
      ...rest,
      ...targetOf(of),
      ...(StartTime === undefined ? {} : { StartTime: new Date(StartTime) }),
      ...(EndTime === undefined ? {} : { EndTime: new Date(EndTime) }),
    });
    await mutateAws((o) => client.send(command, o));
  }
  for (const { ScheduledActionName } of found?.scheduledActions ?? []) {
    if (named(scheduledActions, ScheduledActionName)) continue;
    const command = new DeleteScheduledActionCommand({ ...targetOf(of), ScheduledActionName });
    await orNull(mutateAws((o) => client.send(command, o)));
  }
}

/** A registration that repeats must not have tags, so they are set by themselves. */
async function setTags(
  client: ApplicationAutoScalingClient,
  of: ScalableVariant,
  { tags }: VariantScaling,
  found: Found,
): Promise<void> {
  const before = found?.tags ?? {};
  const changed = Object.entries(tags).filter(([key, value]) => before[key] !== value);
  const removed = Object.keys(before).filter((key) => !(key in tags));
  if (changed.length === 0 && removed.length === 0) return;
  const ResourceARN = (await findScalableTarget(client, of))?.ScalableTargetARN;
  if (ResourceARN === undefined) return;
  if (changed.length > 0) {
    const command = new TagResourceCommand({ ResourceARN, Tags: Object.fromEntries(changed) });
    await mutateAws((o) => client.send(command, o));
  }
  if (removed.length > 0) {
    const command = new UntagResourceCommand({ ResourceARN, TagKeys: removed });
    await mutateAws((o) => client.send(command, o));
  }
}
