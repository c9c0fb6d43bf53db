/** An AWS account for one rollout: an emulator of its own, and Penstock's activities on it, of which one call meets a trouble. */
import { Context } from '@temporalio/activity';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { createActivities } from '../../../src/activities/create-activities.js';
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import { startEmulator, type Clock, type Emulator } from '../../../src/emulator/emulator.js';
import type { CallRecord } from '../../../src/emulator/account/calls.js';
import { actOf, type ActivityName } from './actions.js';
import { Rival } from './external-change.js';
import { faultOf, type Trouble } from './faults.js';

/** Seconds, of skipped time: a few looks for each. */
const pace = { training: 150, creating: 40, updating: 40, shifting: 15, scaling: 20, deleting: 5 };
const maintenance = { systemUpdating: 600 };
const pollSeconds = 30;

/** Which call: the operation, within what the workflow asked for. */
export interface Call {
  act: string;
  operation: string;
}

export interface Injection extends Call {
  trouble: Trouble;
}

/** What a story does to the account before an attempt. */
export type Twist = (act: string, attempt: number, account: Account) => Promise<void>;

export class Account {
  /** What the activities called, act by act. */
  readonly called = new Map<string, Set<string>>();
  /** Once the rollout is started. */
  rolloutId = '';
  private readonly activities: RolloutActivities;
  private readonly rival: Rival;
  private isArmed = false;
  /** Attempts that run now. */
  private running = 0;

  private constructor(
    readonly endpoint: string,
    readonly emulator: Emulator,
    private readonly clock: Clock,
    private readonly injection: Injection | null,
    private readonly twist: Twist,
    /** The test's own. */
    readonly sagemaker: SageMakerClient,
    readonly cloudwatch: CloudWatchClient,
  ) {
    const config = { ...emulator.awsConfig, maxAttempts: injection?.trouble.tries ?? 1 };
    const penstocks = new SageMakerClient(config);
    this.rival = new Rival(emulator, endpoint, penstocks);
    this.activities = createActivities({
      sagemaker: penstocks,
      runtime: new SageMakerRuntimeClient(config),
      cloudwatch: new CloudWatchClient(config),
      pollSeconds,
    });
  }

  static async open(
    endpoint: string,
    clock: Clock,
    injection: Injection | null,
    twist: Twist,
  ): Promise<Account> {
    const emulator = await startEmulator({ clock, pace: { ...pace, ...maintenance }, lateMs: 5_000 });
    const sagemaker = new SageMakerClient(emulator.awsConfig);
    const cloudwatch = new CloudWatchClient(emulator.awsConfig);
    return new Account(endpoint, emulator, clock, injection, twist, sagemaker, cloudwatch);
  }

  /** One attempt of an activity. */
  async perform(name: ActivityName, argument: unknown): Promise<unknown> {
    this.running += 1;
    try {
      return await this.attempt(name, argument);
    } finally {
      this.running -= 1;
    }
  }

  /** No attempt is running: all wait for their time. */
  get isIdle(): boolean {
    return this.running === 0;
  }

  private async attempt(name: ActivityName, argument: unknown): Promise<unknown> {
    const act = actOf(name, argument);
    await this.twist(act, Context.current().info.attempt, this);
    if (this.injection?.act === act) await this.arm(this.injection);
    const before = this.calls.length;
    try {
      return await (this.activities[name] as (a: unknown) => Promise<unknown>)(argument);
    } finally {
      // Notices go to people while something else calls AWS.
      if (name !== 'sendNotification') this.record(act, this.calls.slice(before));
    }
  }

  get calls(): CallRecord[] {
    return [...this.emulator.calls];
  }

  /** Whether the trouble has met a call. */
  get isStruck(): boolean {
    return this.rival.hasActed || this.calls.some(({ fault }) => fault !== undefined);
  }

  async close(): Promise<void> {
    this.sagemaker.destroy();
    this.cloudwatch.destroy();
    await this.emulator.stop();
  }

  private async arm({ operation, trouble }: Injection): Promise<void> {
    if (this.isArmed) return;
    this.isArmed = true;
    if (trouble.kind === 'inProgress') await this.rival.wait(operation);
    else this.emulator.faults.add(faultOf(trouble, operation, await this.clock.now()));
  }

  private record(act: string, calls: CallRecord[]): void {
    const known = this.called.get(act) ?? new Set();
    for (const { operation } of calls) known.add(operation);
    this.called.set(act, known);
  }
}
