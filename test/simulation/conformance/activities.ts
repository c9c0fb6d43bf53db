/** The activities of all scenarios: each call goes to the fake activities of its workflow. */
import { activityInfo } from '@temporalio/activity';
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import { FakeActivities } from '../../workflows/fake-activities.js';
import { probeActivities, type ProbeActivities } from './probe-activities.js';

type Activity = (argument: unknown) => Promise<unknown>;

/** `worldOf`: the fake activities by workflow id; others do everything at once. */
export function activitiesOf(
  worldOf: (workflowId: string) => FakeActivities | undefined,
): RolloutActivities & ProbeActivities {
  const plain = new FakeActivities().activities;
  const names = Object.keys(plain) as (keyof RolloutActivities)[];
  const activities = new Map<FakeActivities, RolloutActivities>();
  const own = () => {
    const world = worldOf(activityInfo().workflowExecution?.workflowId ?? '');
    if (!world) return plain;
    const known = activities.get(world) ?? world.activities;
    activities.set(world, known);
    return known;
  };
  const forward = (name: keyof RolloutActivities) => (argument: unknown) =>
    (own()[name] as Activity)(argument);
  const forwarded = Object.fromEntries(names.map((name) => [name, forward(name)]));
  return { ...(forwarded as unknown as RolloutActivities), ...probeActivities };
}

export const activityTypes = Object.keys(activitiesOf(() => undefined));
