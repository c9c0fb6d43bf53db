/** Many rollouts at once on a real dev server, each with separate fake activities. */
import { activityInfo } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import { devServer } from '../../support/dev-server.js';
import { workflowBundle } from '../../support/workflow-bundle.js';
import { FakeActivities } from '../../workflows/fake-activities.js';

export interface Member {
  handle: WorkflowHandle;
  fake: FakeActivities;
}

/** Forwards each activity to the fake of its workflow. */
function activitiesOf(fakes: Map<string, RolloutActivities>): RolloutActivities {
  const names = Object.keys(new FakeActivities().activities) as (keyof RolloutActivities)[];
  const forward = (name: keyof RolloutActivities) => (argument: never) => {
    const id = activityInfo().workflowExecution?.workflowId ?? '';
    const own = fakes.get(id);
    if (!own) throw new Error(`${id} has no fake activities`);
    return (own[name] as (argument: never) => unknown).call(own, argument);
  };
  return Object.fromEntries(names.map((name) => [name, forward(name)])) as unknown as RolloutActivities;
}

/** Starts a rollout for each fake and passes all to `test`. The worker ends with the test. */
export async function withRollouts<T>(
  fakes: FakeActivities[],
  test: (members: Member[]) => Promise<T>,
  bundle = workflowBundle(),
): Promise<T> {
  const { client, native } = await devServer();
  const taskQueue = `storm-${process.pid}-${Date.now()}`;
  const named = fakes.map((fake, i) => ({ fake, workflowId: `rollout:${taskQueue}-${i}` }));
  const worker = await Worker.create({
    connection: native,
    taskQueue,
    workflowBundle: await bundle,
    activities: activitiesOf(new Map(named.map(({ fake, workflowId }) => [workflowId, fake.activities]))),
    maxCachedWorkflows: fakes.length,
  });
  return worker.runUntil(async () => {
    const members = await Promise.all(
      named.map(async ({ fake, workflowId }) => {
        const memo = { startedBy: 'ana' };
        const args = [{ apiVersion: 'penstock/v1' }];
        return {
          fake,
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
