/** Many rollouts on one time-skipping server and one worker, each with a separate account. */
import { Context } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { setTimeout as delay } from 'node:timers/promises';
import { createActivities } from '../../../src/activities/create-activities.js';
import type { Notification } from '../../../src/activities/interface/notifications.js';
import { Receiver, answer, type Received } from '../../activities/webhooks/receiver.js';
import { timeSkipping, withWorker, type TestWorkerOptions } from '../../support/time-skipping.js';
import { workflowBundle } from '../../support/workflow-bundle.js';
import type { Account } from './aws-account.js';
import type { ActivityName } from './actions.js';

/** A running scenario: its account, and the receiver of the rollout's notifications. */
export interface ScenarioRun {
  account: Account;
  /** The workflow waits for it. The clock does not skip meanwhile. */
  receive(notification: Notification): Promise<void>;
  /** Called after every minute of skipped time. */
  check(nowMs: number): Promise<void>;
}

const taskQueue = 'faults-aws';
const stepMinutes = 1;
/** Real time of one step after which the clock counts as stopped. */
const stalledMs = 55_000;

/** The server has stopped skipping time: it waits for an attempt that no longer exists. */
export class ClockStopped extends Error {
  constructor() {
    super('the time-skipping server has stopped skipping');
  }
}

export class FaultMatrixEnvironment {
  /** By endpoint. */
  private readonly runs = new Map<string, ScenarioRun>();
  private isOver = false;

  private constructor(
    private readonly env: TestWorkflowEnvironment,
    readonly temporal: Client,
    private readonly receiver: Receiver,
  ) {}

  static async run<T>(work: (environment: FaultMatrixEnvironment) => Promise<T>): Promise<T> {
    const env = await timeSkipping();
    // The environment's own client must not be used: it lets the clock run freely while it waits for a result.
    const environment = new FaultMatrixEnvironment(
      env,
      new Client({ connection: env.connection }),
      await Receiver.open(),
    );
    environment.receiver.reply = (response, request) => {
      void environment.receive(request).then(() => answer(200)(response, request));
    };
    const use = async () => {
      const time = environment.skipTime();
      try {
        return await Promise.race([work(environment), time]);
      } finally {
        environment.isOver = true;
        await time.catch(() => undefined);
      }
    };
    try {
      return await withWorker(env, { options: await environment.workerOptions(), use });
    } finally {
      await environment.receiver.close();
    }
  }

  /** Throws if the clock has stopped. */
  assertRunning(): void {
    if (this.isOver) throw new ClockStopped();
  }

  get taskQueue(): string {
    return taskQueue;
  }

  now(): Promise<number> {
    return this.env.currentTimeMs();
  }

  notify(endpoint: string): object {
    return { notify: [{ webhook: { url: `${this.receiver.url}/${endpoint}` } }] };
  }

  add(run: ScenarioRun): void {
    this.runs.set(run.account.endpoint, run);
  }

  remove(run: ScenarioRun): void {
    this.runs.delete(run.account.endpoint);
  }

  private async workerOptions(): Promise<TestWorkerOptions> {
    return {
      taskQueue,
      workflowBundle: await workflowBundle(),
      workflowThreadPoolSize: 1,
      activities: Object.fromEntries(
        activityNames().map((name) => [
          name,
          (argument: unknown) => this.runOf(endpointOfActivity()).account.perform(name, argument),
        ]),
      ),
    };
  }

  private runOf(endpoint: string): ScenarioRun {
    const run = this.runs.get(endpoint);
    if (!run) throw new Error(`no scenario runs on ${endpoint}`);
    return run;
  }

  private async receive({ path, body }: Received): Promise<void> {
    await this.runOf(path.slice(1)).receive(JSON.parse(body) as Notification);
  }

  /** Skips time in bounded steps: without steps the clock jumps by years if no timer is due for a moment. */
  private async skipTime(): Promise<never> {
    for (;;) {
      this.assertRunning();
      const began = performance.now();
      if (this.runs.size === 0) await delay(20);
      else await this.env.sleep(`${stepMinutes}m`);
      if (performance.now() - began > stalledMs) throw new ClockStopped();
      const now = await this.now();
      for (const run of [...this.runs.values()]) await run.check(now);
    }
  }
}

function endpointOfActivity(): string {
  const id = Context.current().info.workflowExecution?.workflowId ?? '';
  return id.replace(/^rollout:/, '');
}

/** All activities of a worker. */
function activityNames(): ActivityName[] {
  const none = {} as never;
  return Object.keys(
    createActivities({ sagemaker: none, runtime: none, cloudwatch: none }),
  ) as ActivityName[];
}
