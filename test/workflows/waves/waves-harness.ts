/** Runs waves on the time-skipping server, with fake activities for each endpoint. */
import { setTimeout as delay } from 'node:timers/promises';
import { activityInfo } from '@temporalio/activity';
import { Client, type WorkflowHandle } from '@temporalio/client';
import type { Duration } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import {
  workflowIdOf,
  type Command,
  type RolloutResult,
  type RolloutStatus,
} from '../../../src/workflows/messages.js';
import {
  wavesStatusQuery,
  wavesTimelineQuery,
  type WaveRollout,
  type WavesEntry,
  type WavesResult,
  type WavesStatus,
} from '../../../src/workflows/waves/messages.js';
import { timeSkipping, turnsOf, withWorker } from '../../support/time-skipping.js';
import { workflowBundle } from '../../support/workflow-bundle.js';
import { endWorkflows } from '../harness.js';
import { FakeActivities } from '../fake-activities.js';

let count = 0;

/** Endpoints by a short name, such as `eu`; their real names are unique to the test. */
export class Fleet {
  readonly id = `${++count}-${process.pid}`;
  readonly worlds = new Map<string, FakeActivities>();

  constructor(worlds: Record<string, FakeActivities>) {
    for (const [short, world] of Object.entries(worlds)) this.worlds.set(this.endpoint(short), world);
  }

  endpoint(short: string): string {
    return `${short}-${this.id}`;
  }

  world(short: string): FakeActivities {
    const world = this.worlds.get(this.endpoint(short));
    if (!world) throw new Error(`there is no ${short}`);
    return world;
  }

  /** Each call goes to the world of the rollout that made it. */
  get activities(): RolloutActivities {
    const plain = new FakeActivities().activities;
    const actingOn = () => {
      const caller = activityInfo().workflowExecution?.workflowId.replace(/^rollout:/, '') ?? '';
      return this.worlds.get(caller)?.activities ?? plain;
    };
    const routed = (Object.keys(plain) as (keyof RolloutActivities)[]).map((name) => [
      name,
      (argument: unknown) => (actingOn()[name] as (a: unknown) => Promise<unknown>)(argument),
    ]);
    return Object.fromEntries(routed) as RolloutActivities;
  }
}

export class RunningWaves {
  constructor(
    readonly handle: WorkflowHandle,
    readonly fleet: Fleet,
    /** The spec of the waves. */
    readonly spec: object,
    private readonly env: TestWorkflowEnvironment,
  ) {}

  status(): Promise<WavesStatus> {
    return this.handle.query(wavesStatusQuery);
  }

  timeline(): Promise<WavesEntry[]> {
    return this.handle.query(wavesTimelineQuery);
  }

  /** Waits in real time; the server does not skip time meanwhile. */
  async until(isReached: (status: WavesStatus) => boolean): Promise<WavesStatus> {
    for (let tries = 0; tries < 1200; tries++) {
      const status = await this.status();
      if (isReached(status)) return status;
      await delay(25);
    }
    throw new Error(`not reached: ${JSON.stringify(await this.status(), null, 1)}`);
  }

  state(short: string, state: WaveRollout['state']): Promise<WavesStatus> {
    const endpoint = this.fleet.endpoint(short);
    return this.until(({ rollouts }) =>
      rollouts.some((each) => each.endpoint === endpoint && each.state === state),
    );
  }

  /** Waits until the rollout watches its first bake. An abort at the end of an activity would stall the test server. */
  async baking(short: string): Promise<void> {
    const world = this.fleet.world(short);
    for (let tries = 0; tries < 1200; tries++) {
      if (world.calls.includes('watch bake')) return delay(100);
      await delay(25);
    }
    throw new Error(`${short} did not reach its bake: ${world.calls.join()}`);
  }

  /** The endpoint's own workflow. Its result does not skip time; the result of the waves does. */
  rollout(short: string): WorkflowHandle {
    const { workflow } = new Client({ connection: this.env.connection });
    return workflow.getHandle(workflowIdOf(this.fleet.endpoint(short)));
  }

  async resultOf(short: string): Promise<RolloutResult> {
    return (await this.rollout(short).result()) as RolloutResult;
  }

  skipTime(time: Duration): Promise<void> {
    return this.env.sleep(time);
  }

  send(name: string, command: Command): Promise<WavesStatus> {
    return turnsOf(this.env).update(this.handle, name, command);
  }

  /** Sends a command to the endpoint's own workflow. */
  sendTo(short: string, name: string, command: Command): Promise<RolloutStatus> {
    return turnsOf(this.env).update(this.rollout(short), name, command);
  }

  /** Time skips until the result is there. */
  async result(): Promise<WavesResult> {
    return (await this.handle.result()) as WavesResult;
  }
}

const shared = {
  apiVersion: 'penstock/v1',
  models: { baseline: 'live', candidate: { model: 'digits-new' } },
  strategy: { canary: { steps: ['10%', '50%'], bake: '30m' } },
};

/** Starts waves of short names and passes them to `test`. The worker stops after it. */
export async function inWaves<T>(
  fleet: Fleet,
  waves: string[][],
  fields: object,
  test: (running: RunningWaves) => Promise<T>,
): Promise<T> {
  const env = await timeSkipping();
  const taskQueue = `waves-${fleet.id}`;
  const named = waves.map((wave) => wave.map((short) => fleet.endpoint(short)));
  const name = `all-${fleet.id}`;
  const workflowId = `waves:${name}`;
  const spec = { ...shared, name, waves: named, ...fields };
  const options = {
    taskQueue,
    workflowBundle: await workflowBundle(),
    activities: fleet.activities,
    interceptors: turnsOf(env).workerInterceptors,
    maxCachedWorkflows: 20,
  };
  return withWorker(env, {
    options,
    async use() {
      const handle = await env.client.workflow.start('rolloutWaves', {
        taskQueue,
        workflowId,
        memo: { startedBy: 'ana' },
        args: [spec],
      });
      return test(new RunningWaves(handle, fleet, spec, env));
    },
    // A running workflow would stop time skipping in the next test.
    finish: () => endWorkflows(env, [workflowId, ...named.flat().map(workflowIdOf)]),
  });
}
