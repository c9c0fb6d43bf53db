/** Many rollouts at once on a real dev server, each in a World of its own, commanded at its own moments. */
import { activityInfo } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import { devServer } from '../../support/dev-server.js';
import { workflowBundle } from '../../support/workflow-bundle.js';
import { FakeActivities } from '../../workflows/fake-activities.js';

export interface Member {
  handle: WorkflowHandle;
  world: FakeActivities;
}

/** Each World answers for the workflow that asks. */
function activitiesOf(worlds: Map<string, RolloutActivities>): RolloutActivities {
  const names = Object.keys(new FakeActivities().activities) as (keyof RolloutActivities)[];
  const forward = (name: keyof RolloutActivities) => (argument: never) => {
    const id = activityInfo().workflowExecution?.workflowId ?? '';
    const own = worlds.get(id);
    if (!own) throw new Error(`${id} has no world`);
    return (own[name] as (argument: never) => unknown).call(own, argument);
  };
  return Object.fromEntries(names.map((name) => [name, forward(name)])) as unknown as RolloutActivities;
}

/** Starts a rollout in each of the worlds and gives all to `test`; the worker ends with it. */
export async function inWorlds<T>(
  worlds: FakeActivities[],
  test: (members: Member[]) => Promise<T>,
  bundle = workflowBundle(),
): Promise<T> {
  const { client, native } = await devServer();
  const taskQueue = `crowd-${process.pid}-${Date.now()}`;
  const named = worlds.map((world, i) => ({ world, workflowId: `rollout:${taskQueue}-${i}` }));
  const worker = await Worker.create({
    connection: native,
    taskQueue,
    workflowBundle: await bundle,
    activities: activitiesOf(new Map(named.map(({ world, workflowId }) => [workflowId, world.activities]))),
    maxCachedWorkflows: worlds.length,
  });
  return worker.runUntil(async () => {
    const members = await Promise.all(
      named.map(async ({ world, workflowId }) => {
        const memo = { startedBy: 'ana' };
        const args = [{ apiVersion: 'penstock/v1' }];
        return {
          world,
          handle: await client.workflow.start('rollout', { taskQueue, workflowId, memo, args }),
        };
      }),
    );
    try {
      return await test(members);
    } finally {
      await Promise.all(members.map(({ handle }) => handle.terminate().catch(() => undefined)));
    }
  });
}
