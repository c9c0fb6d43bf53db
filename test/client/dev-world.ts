/** The real workflow on a real dev server, with a worker whose activities act on a World in memory. */
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from '@temporalio/worker';
import type { RolloutActivities } from '../../src/activities/interface/activities.js';
import type { WatchState } from '../../src/activities/interface/watch.js';
import { pollAgain } from '../../src/activities/temporal/polling.js';
import type { LiveStatus, RolloutClient } from '../../src/client.js';
import { taskQueue } from '../../src/workflows/messages.js';
import { devServer } from '../support/dev-server.js';
import { workflowBundle } from '../support/workflow-bundle.js';
import { FakeActivities } from '../workflows/fake-activities.js';

/** Runs `test` while a worker runs. `activities` replace the World's. */
export async function withWorker<T>(
  world: FakeActivities,
  test: () => Promise<T>,
  activities: Partial<RolloutActivities> = {},
  bundle = workflowBundle(),
): Promise<T> {
  const { native } = await devServer();
  const worker = await Worker.create({
    connection: native,
    taskQueue,
    workflowBundle: await bundle,
    activities: { ...world.activities, ...activities },
    maxCachedWorkflows: 10,
  });
  return worker.runUntil(() => test().catch(endAll));
}

/** What a test that fails leaves running would come to the worker of the next test. */
async function endAll(failure: unknown): Promise<never> {
  const { client } = await devServer();
  const query = `TaskQueue = "${taskQueue}" AND ExecutionStatus = "Running"`;
  for await (const { workflowId } of client.workflow.list({ query }))
    await client.workflow.getHandle(workflowId).terminate('its test has failed');
  throw failure;
}

/** A world whose first bake goes on until a command ends it. */
export function bakingWorld(): FakeActivities {
  const world = new FakeActivities();
  world.reports.push(({ mode }) => (mode === 'bake' ? 'watching' : {}));
  return world;
}

/** A watch that has judged something and looks again in ten minutes; other modes are clear at once. */
export function watchWith(state: WatchState, message: string): Pick<RolloutActivities, 'watchTraffic'> {
  return {
    watchTraffic: ({ mode }) =>
      mode === 'bake'
        ? pollAgain(message, 600, state)
        : Promise.resolve({ kind: 'clear', message: 'all clear', verdicts: [], state }),
  };
}

/** Waits, in real time. */
export async function until(
  rollouts: RolloutClient,
  endpoint: string,
  what: (status: LiveStatus) => boolean,
): Promise<LiveStatus> {
  for (let tries = 0; tries < 600; tries++) {
    const status = await rollouts.get(endpoint);
    if (what(status)) return status;
    await delay(50);
  }
  throw new Error(`never came: ${JSON.stringify(await rollouts.get(endpoint), null, 1)}`);
}

export const isBaking = ({ phase, pending }: LiveStatus): boolean =>
  phase === 'baking' && pending.some(({ message }) => message !== null);
