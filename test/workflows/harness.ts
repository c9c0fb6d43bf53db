/** Runs the real workflow against a World on the time-skipping server. */
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { Duration } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
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
import { timeSkipping } from '../support/time-skipping.js';
import { workflowBundle } from '../support/workflow-bundle.js';
import type { FakeActivities } from './fake-activities.js';

let count = 0;

export class RolloutUnderTest {
  constructor(
    readonly handle: WorkflowHandle,
    readonly world: FakeActivities,
  ) {}

  status(): Promise<RolloutStatus> {
    return this.handle.query(statusQuery);
  }

  timeline(): Promise<TimelineEntry[]> {
    return this.handle.query(timelineQuery);
  }

  /** Waits, in real time, while the server's clock stands. */
  async until(what: (status: RolloutStatus) => boolean): Promise<RolloutStatus> {
    for (let tries = 0; tries < 1200; tries++) {
      const status = await this.status();
      if (what(status)) return status;
      await this.waitForServer(status);
    }
    throw new Error(`never came: ${JSON.stringify(await this.status(), null, 1)}`);
  }

  phase(phase: Phase): Promise<RolloutStatus> {
    return this.until((status) => status.phase === phase);
  }

  /** Waits until the activity was called, so that it is under way. */
  async waitForCall(call: string): Promise<void> {
    for (let tries = 0; tries < 1200; tries++) {
      if (this.world.calls.includes(call)) return;
      await this.waitForServer(await this.status());
    }
    throw new Error(`never called: ${call}; but ${this.world.calls.join(', ')}`);
  }

  /** The server's clock stands while a test looks on; only what the switches are given to follow is skipped. */
  protected async waitForServer({ phase }: RolloutStatus): Promise<void> {
    if (phase === 'deploying' && !this.world.underWay.has('deploy')) await this.skipTime('5s');
    else await delay(25);
  }

  /** Lets time pass for the server. */
  async skipTime(time: Duration): Promise<void> {
    await (await timeSkipping()).sleep(time);
  }

  send(name: string, command: Command | PromoteCommand): Promise<RolloutStatus> {
    return this.handle.executeUpdate(name, { args: [command] });
  }

  /** The result; the server's clock skips meanwhile. */
  async result(): Promise<RolloutResult> {
    return (await this.handle.result()) as RolloutResult;
  }
}

/** Starts a rollout in the world and gives it to `test`; the worker ends with it. */
export async function withRollout<T>(
  world: FakeActivities,
  test: (running: RolloutUnderTest) => Promise<T>,
  bundle = workflowBundle(),
): Promise<T> {
  const env = await timeSkipping();
  const id = `${++count}-${process.pid}`;
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: `test-${id}`,
    workflowBundle: await bundle,
    activities: world.activities,
    maxCachedWorkflows: 10,
  });
  return worker.runUntil(async () => {
    const handle = await env.client.workflow.start('rollout', {
      taskQueue: `test-${id}`,
      workflowId: `rollout:digits-${id}`,
      memo: { startedBy: 'ana' },
      args: [{ apiVersion: 'penstock/v1' }],
    });
    try {
      return await test(new RolloutUnderTest(handle, world));
    } finally {
      // A rollout that a failed test left running would hold up the next one's clock.
      await handle.terminate().catch(() => undefined);
    }
  });
}
