/**
 * Runs the real workflow with fake activities on a server. For recordings of histories, which the simulation is compared
 * with, and for tests of what only a server does.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { Duration } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time.js';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Command, PromoteCommand, RolloutResult, RolloutStatus } from '../../src/workflows/messages.js';
import type { FakeActivities } from '../workflows/fake-activities.js';
import { RolloutUnderTest } from '../workflows/rollout-under-test.js';
import { timeSkipping, turnsOf, withWorker } from './time-skipping.js';
import { workflowBundle } from './workflow-bundle.js';
import { rolloutResult } from './rollout-result.js';

let count = 0;

export class RolloutOnServer extends RolloutUnderTest {
  constructor(
    override readonly handle: WorkflowHandle,
    world: FakeActivities,
    /** Null if the server does not skip time. */
    private readonly env: TestWorkflowEnvironment | null = null,
  ) {
    super(world);
  }

  /** Waits in real time; a time-skipping server does not skip time meanwhile. */
  override async until(
    isReached: (status: RolloutStatus) => boolean,
    what = 'the status',
  ): Promise<RolloutStatus> {
    for (let tries = 0; tries < 1200; tries++) {
      const status = await this.status();
      if (isReached(status)) return status;
      await this.waitForServer(status);
    }
    throw new Error(this.describe(what, await this.status()));
  }

  override skipTime(time: Duration): Promise<void> {
    return this.env ? this.env.sleep(time) : delay(msToNumber(time));
  }

  override send(name: string, command: Command | PromoteCommand): Promise<RolloutStatus> {
    if (this.env) return turnsOf(this.env).update(this.handle, name, command);
    return this.handle.executeUpdate(name, { args: [command] });
  }

  override async result(): Promise<RolloutResult> {
    return rolloutResult(this.handle.result());
  }

  /** Only the propagation time of the switches is skipped. */
  private async waitForServer({ phase }: RolloutStatus): Promise<void> {
    if (this.env && phase === 'deploying' && !this.world.inProgress.has('deploy')) await this.skipTime('5s');
    else await delay(25);
  }
}

/** Starts a rollout on the time-skipping server and passes it to `test`. The worker stops after it. */
export async function withRolloutOnServer<T>(
  world: FakeActivities,
  test: (running: RolloutOnServer) => Promise<T>,
): Promise<T> {
  const env = await timeSkipping();
  const id = `${++count}-${process.pid}`;
  const { workflow } = env.client;
  const taskQueue = `test-${id}`;
  const workflowId = `rollout:digits-${id}`;
  const options = {
    taskQueue,
    workflowBundle: await workflowBundle(),
    activities: world.activities,
    interceptors: turnsOf(env).workerInterceptors,
    maxCachedWorkflows: 10,
  };
  return withWorker(env, {
    options,
    async use() {
      const handle = await workflow.start('rollout', {
        taskQueue,
        workflowId,
        memo: { startedBy: 'ana' },
        args: [{ apiVersion: 'penstock/v1' }],
      });
      return test(new RolloutOnServer(handle, world, env));
    },
    // A running rollout would stop time skipping in the next test.
    finish: async () => {
      await workflow
        .getHandle(workflowId)
        .terminate()
        .catch(() => undefined);
    },
  });
}
