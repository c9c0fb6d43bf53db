/** Many rollouts on one time-skipping server and one worker, each on an account of its own. */
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

/** Who is on stage: an account, and who listens to what people are told of its rollout. */
export interface ScenarioRun {
  account: Account;
  /** The workflow waits for it; the clock stands still meanwhile. */
  hear(notification: Notification): Promise<void>;
  /** Every few minutes of skipped time. */
  look(nowMs: number): Promise<void>;
}

const taskQueue = 'faults-aws';
const stepMinutes = 1;
/** Of real time: nothing was skipped. */
const standingMs = 55_000;

/** The server does not skip time any more: it waits for an attempt that it has lost count of. */
export class TimeStoodStill extends Error {
  constructor() {
    super('the time-skipping server has stopped skipping');
  }
}

export class FaultMatrixEnvironment {
  /** By endpoint. */
  private readonly players = new Map<string, ScenarioRun>();
  private isOver = false;

  private constructor(
    private readonly env: TestWorkflowEnvironment,
    readonly temporal: Client,
    private readonly receiver: Receiver,
  ) {}

  static async run<T>(play: (stage: FaultMatrixEnvironment) => Promise<T>): Promise<T> {
    const env = await timeSkipping();
    // Not the environment's own client: it lets the clock run free while it waits for a result.
    const stage = new FaultMatrixEnvironment(
      env,
      new Client({ connection: env.connection }),
      await Receiver.open(),
    );
    stage.receiver.reply = (response, request) => {
      void stage.hear(request).then(() => answer(200)(response, request));
    };
    const use = async () => {
      const time = stage.passTime();
      try {
        return await Promise.race([play(stage), time]);
      } finally {
        stage.isOver = true;
        await time.catch(() => undefined);
      }
    };
    try {
      return await withWorker(env, { options: await stage.workerOptions(), use });
    } finally {
      await stage.receiver.close();
    }
  }

  /** Throws where nothing more will happen. */
  requireGoing(): void {
    if (this.isOver) throw new TimeStoodStill();
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

  enter(player: ScenarioRun): void {
    this.players.set(player.account.endpoint, player);
  }

  leave(player: ScenarioRun): void {
    this.players.delete(player.account.endpoint);
  }

  private async workerOptions(): Promise<TestWorkerOptions> {
    return {
      taskQueue,
      workflowBundle: await workflowBundle(),
      workflowThreadPoolSize: 1,
      activities: Object.fromEntries(
        activityNames().map((name) => [
          name,
          (argument: unknown) => this.playerOf(workflowId()).account.perform(name, argument),
        ]),
      ),
    };
  }

  private playerOf(endpoint: string): ScenarioRun {
    const player = this.players.get(endpoint);
    if (!player) throw new Error(`nobody plays ${endpoint}`);
    return player;
  }

  private async hear({ path, body }: Received): Promise<void> {
    await this.playerOf(path.slice(1)).hear(JSON.parse(body) as Notification);
  }

  /** In bounded steps: a clock left to itself jumps by years when for a moment nothing is due. */
  private async passTime(): Promise<never> {
    for (;;) {
      this.requireGoing();
      const began = performance.now();
      if (this.players.size === 0) await delay(20);
      else await this.env.sleep(`${stepMinutes}m`);
      if (performance.now() - began > standingMs) throw new TimeStoodStill();
      const now = await this.now();
      for (const player of [...this.players.values()]) await player.look(now);
    }
  }
}

function workflowId(): string {
  const id = Context.current().info.workflowExecution?.workflowId ?? '';
  return id.replace(/^rollout:/, '');
}

/** Of any worker. */
function activityNames(): ActivityName[] {
  const none = {} as never;
  return Object.keys(
    createActivities({ sagemaker: none, runtime: none, cloudwatch: none }),
  ) as ActivityName[];
}
