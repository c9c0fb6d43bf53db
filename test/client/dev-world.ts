/** The real workflow on a real dev server, with a worker whose activities are fakes in memory. */
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

/** Runs `test` while a worker runs. `activities` replace those of `world`. */
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

/** Terminates the rollouts of a failed test: the worker of the next test would run them. */
async function endAll(failure: unknown): Promise<never> {
  const { client } = await devServer();
  const query = `TaskQueue = "${taskQueue}" AND ExecutionStatus = "Running"`;
  for await (const { workflowId } of client.workflow.list({ query }))
    await client.workflow.getHandle(workflowId).terminate('the test failed');
  throw failure;
}

/** Activities whose first bake lasts until a command ends it. */
export function bakingWorld(): FakeActivities {
  const world = new FakeActivities();
  world.reports.push(({ mode }) => (mode === 'bake' ? 'watching' : {}));
  return world;
}

/** A `watchTraffic` that polls again in ten minutes, with verdicts. Modes other than `bake` are clear immediately. */
export function watchWith(state: WatchState, message: string): Pick<RolloutActivities, 'watchTraffic'> {
  return {
    watchTraffic: ({ mode }) =>
      mode === 'bake'
        ? pollAgain(message, 600, state)
        : Promise.resolve({ kind: 'clear', message: 'all clear', verdicts: [], state }),
  };
}

/** Minutes: the machine may be busy. */
const maxTries = 6_000;

/** Polls the status in real time. */
export async function until(
  rollouts: RolloutClient,
  endpoint: string,
  isReached: (status: LiveStatus) => boolean,
): Promise<LiveStatus> {
  for (let tries = 0; tries < maxTries; tries++) {
    const status = await rollouts.get(endpoint);
    if (isReached(status)) return status;
    await delay(50);
  }
  throw new Error(`expected another status, got ${JSON.stringify(await rollouts.get(endpoint), null, 1)}`);
}

export const isBaking = ({ phase, pending }: LiveStatus): boolean =>
  phase === 'baking' && pending.some(({ message }) => message !== null);
