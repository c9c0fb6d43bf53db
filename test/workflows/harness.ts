/** Runs the real workflow with fake activities on the time-skipping server. */
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { Duration } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Phase } from '../../src/plan/outcome.js';
import {
  statusQuery,
  timelineQuery,
  type Command,
  type PromoteCommand,
  type RolloutResult,
  type RolloutStatus,
  type TimelineEntry,
} from '../../src/workflows/messages.js';
import { timeSkipping, turnsOf, withWorker } from '../support/time-skipping.js';
import { workflowBundle } from '../support/workflow-bundle.js';
import type { FakeActivities } from './fake-activities.js';

let count = 0;

export class RolloutUnderTest {
  constructor(
    readonly handle: WorkflowHandle,
    readonly world: FakeActivities,
    /** Null if the server does not skip time. */
    private readonly env: TestWorkflowEnvironment | null = null,
  ) {}

  status(): Promise<RolloutStatus> {
    return this.handle.query(statusQuery);
  }

  timeline(): Promise<TimelineEntry[]> {
    return this.handle.query(timelineQuery);
  }

  /** Waits in real time; the server does not skip time meanwhile. */
  async until(isReached: (status: RolloutStatus) => boolean): Promise<RolloutStatus> {
    for (let tries = 0; tries < 1200; tries++) {
      const status = await this.status();
      if (isReached(status)) return status;
      await this.waitForServer(status);
    }
    throw new Error(`not reached: ${JSON.stringify(await this.status(), null, 1)}`);
  }

  phase(phase: Phase): Promise<RolloutStatus> {
    return this.until((status) => status.phase === phase);
  }

  /** Waits until the activity was called. */
  async waitForCall(call: string): Promise<void> {
    for (let tries = 0; tries < 1200; tries++) {
      if (this.world.calls.includes(call)) return;
      await this.waitForServer(await this.status());
    }
    throw new Error(`never called: ${call}; but ${this.world.calls.join(', ')}`);
  }

  /** The server does not skip time during a wait in a test. Only the propagation time of the switches is skipped. */
  protected async waitForServer({ phase }: RolloutStatus): Promise<void> {
    if (phase === 'deploying' && !this.world.inProgress.has('deploy')) await this.skipTime('5s');
    else await delay(25);
  }

  /** Skips time on the server. */
  async skipTime(time: Duration): Promise<void> {
    await this.env?.sleep(time);
  }

  send(name: string, command: Command | PromoteCommand): Promise<RolloutStatus> {
    if (this.env) return turnsOf(this.env).update(this.handle, name, command);
    return this.handle.executeUpdate(name, { args: [command] });
  }

  /** Time skips until the result is there. */
  async result(): Promise<RolloutResult> {
    return (await this.handle.result()) as RolloutResult;
  }
}

/** Starts a rollout in the world and passes it to `test`. The worker stops after it. */
export async function withRollout<T>(
  world: FakeActivities,
  test: (running: RolloutUnderTest) => Promise<T>,
  bundle = workflowBundle(),
): Promise<T> {
  const env = await timeSkipping();
  const id = `${++count}-${process.pid}`;
  const { workflow } = env.client;
  const taskQueue = `test-${id}`;
  const workflowId = `rollout:digits-${id}`;
  const options = {
    taskQueue,
    workflowBundle: await bundle,
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
      return test(new RolloutUnderTest(handle, world, env));
    },
    // A running rollout would stop time skipping in the next test.
    finish: () => endWorkflows(env, [workflowId]),
  });
}

export async function endWorkflows({ client }: TestWorkflowEnvironment, ids: string[]): Promise<void> {
  const ends = ids.map((id) => client.workflow.getHandle(id).terminate());
  await Promise.allSettled(ends);
}
