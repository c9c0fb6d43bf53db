/**
 * Makes a variant a scalable target, with all that it lacks. Each call is safe to repeat. It changes nothing that the target has, except
 * the suspension: its owner may have changed it meanwhile.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  DeregisterScalableTargetCommand,
  PutScalingPolicyCommand,
  PutScheduledActionCommand,
  RegisterScalableTargetCommand,
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
  const policies = desired.policies.filter(
    ({ PolicyName }) => !found?.policies.some((present) => present.PolicyName === PolicyName),
  );
  const actions = desired.scheduledActions
    .filter(canStillRun)
    .filter(
      ({ ScheduledActionName: name }) =>
        !found?.scheduledActions.some((present) => present.ScheduledActionName === name),
    );
  const isRegistered = found !== null && isDeepStrictEqual(found.suspended, desired.suspended);
  if (!isRegistered) await register(client, of, desired, found !== null);
  for (const policy of policies) {
    const command = new PutScalingPolicyCommand({ ...policy, ...targetOf(of) });
    await mutateAws((o) => client.send(command, o));
  }
  for (const action of actions) {
    const command = new PutScheduledActionCommand({ ...requestOf(action), ...targetOf(of) });
    await mutateAws((o) => client.send(command, o));
  }
  return !isRegistered || policies.length > 0 || actions.length > 0;
}

/** Deletes the policies, their alarms and the scheduled actions too. Does nothing if the variant is no scalable target. */
export async function deregister(client: ApplicationAutoScalingClient, of: ScalableVariant): Promise<void> {
  if ((await findScalableTarget(client, of)) === null) return;
  const command = new DeregisterScalableTargetCommand(targetOf(of));
  await orNull(mutateAws((o) => client.send(command, o)));
}

/**
 * A target that exists keeps what the request leaves out, and AWS refuses tags for it. Source:
 * https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
 */
async function register(
  client: ApplicationAutoScalingClient,
  of: ScalableVariant,
  { minCapacity, maxCapacity, suspended, tags }: VariantScaling,
  exists: boolean,
): Promise<void> {
  const isTagged = Object.keys(tags).length > 0;
  const command = new RegisterScalableTargetCommand({
    ...targetOf(of),
    SuspendedState: suspended,
    ...(exists ? {} : { MinCapacity: minCapacity, MaxCapacity: maxCapacity }),
    ...(exists || !isTagged ? {} : { Tags: tags }),
  });
  await mutateAws((o) => client.send(command, o));
}

/** AWS refuses to set a time that has passed, and an action that has ended does nothing more. */
function canStillRun({ Schedule = '', EndTime, Timezone }: VariantSchedule): boolean {
  if (EndTime !== undefined && Date.parse(EndTime) <= nowMs()) return false;
  const [, once] = /^at\((.+)\)$/.exec(Schedule) ?? [];
  if (once === undefined) return true;
  // A zone moves the time by less than a day.
  const slackMs = Timezone === undefined || Timezone === 'UTC' ? 0 : 86_400_000;
  return Date.parse(`${once}Z`) + slackMs > nowMs();
}

function requestOf({ StartTime, EndTime, ...action }: VariantSchedule) {
  return {
    ...action,
    ...(StartTime === undefined ? {} : { StartTime: new Date(StartTime) }),
    ...(EndTime === undefined ? {} : { EndTime: new Date(EndTime) }),
  };
}
