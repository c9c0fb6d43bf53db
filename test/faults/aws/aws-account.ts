/** An AWS account for one rollout: a separate emulator with Penstock's activities. A fault is injected into one call. */
import { Context } from '@temporalio/activity';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { createActivities } from '../../../src/activities/create-activities.js';
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import { startEmulator, type Clock, type Emulator } from '../../../src/emulator/emulator.js';
import type { CallRecord } from '../../../src/emulator/account/calls.js';
import { actionOf, type ActivityName } from './actions.js';
import { ExternalActor } from './external-change.js';
import { toEmulatorFault, type CallFault } from './faults.js';

/** Seconds of skipped time: a few polls for each change. */
const pace = { training: 150, creating: 40, updating: 40, shifting: 15, scaling: 20, deleting: 5 };
const maintenance = { systemUpdating: 600 };
const pollSeconds = 30;

/** A call: the operation, in an action of the workflow. */
export interface Call {
  action: string;
  operation: string;
}

export interface Injection extends Call {
  fault: CallFault;
}

/** Changes that a scenario makes to the account before an attempt. */
export type BeforeAttempt = (action: string, attempt: number, account: Account) => Promise<void>;

export class Account {
  /** The operations that the activities called, by action. */
  readonly called = new Map<string, Set<string>>();
  /** Set when the rollout is started. */
  rolloutId = '';
  private readonly activities: RolloutActivities;
  private readonly externalActor: ExternalActor;
  private isArmed = false;
  /** Number of running attempts. */
  private running = 0;

  private constructor(
    readonly endpoint: string,
    readonly emulator: Emulator,
    private readonly clock: Clock,
    private readonly injection: Injection | null,
    private readonly beforeAttempt: BeforeAttempt,
    /** For the test itself. */
    readonly sagemaker: SageMakerClient,
    readonly cloudwatch: CloudWatchClient,
  ) {
    const config = { ...emulator.awsConfig, maxAttempts: injection?.fault.maxAttempts ?? 1 };
    const activityClient = new SageMakerClient(config);
    this.externalActor = new ExternalActor(emulator, endpoint, activityClient);
    this.activities = createActivities({
      sagemaker: activityClient,
      runtime: new SageMakerRuntimeClient(config),
      cloudwatch: new CloudWatchClient(config),
      pollSeconds,
    });
  }

  static async open(
    endpoint: string,
    clock: Clock,
    injection: Injection | null,
    beforeAttempt: BeforeAttempt,
  ): Promise<Account> {
    const emulator = await startEmulator({ clock, pace: { ...pace, ...maintenance }, lateMs: 5_000 });
    const sagemaker = new SageMakerClient(emulator.awsConfig);
    const cloudwatch = new CloudWatchClient(emulator.awsConfig);
    return new Account(endpoint, emulator, clock, injection, beforeAttempt, sagemaker, cloudwatch);
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

  /** No attempt is running: all activities wait for their next attempt. */
  get isIdle(): boolean {
    return this.running === 0;
  }

  private async attempt(name: ActivityName, argument: unknown): Promise<unknown> {
    const action = actionOf(name, argument);
    await this.beforeAttempt(action, Context.current().info.attempt, this);
    if (this.injection?.action === action) await this.arm(this.injection);
    const before = this.calls.length;
    try {
      return await (this.activities[name] as (a: unknown) => Promise<unknown>)(argument);
    } finally {
      // Notifications are sent while other activities call AWS.
      if (name !== 'sendNotification') this.record(action, this.calls.slice(before));
    }
  }

  get calls(): CallRecord[] {
    return [...this.emulator.calls];
  }

  /** Whether the fault was injected into a call. */
  get faultFired(): boolean {
    return this.externalActor.hasActed || this.calls.some(({ fault }) => fault !== undefined);
  }

  async close(): Promise<void> {
    this.sagemaker.destroy();
    this.cloudwatch.destroy();
    await this.emulator.stop();
  }

  private async arm({ operation, fault }: Injection): Promise<void> {
    if (this.isArmed) return;
    this.isArmed = true;
    if (fault.kind === 'inProgress') await this.externalActor.actBefore(operation);
    else this.emulator.faults.add(toEmulatorFault(fault, operation, await this.clock.now()));
  }

  private record(action: string, calls: CallRecord[]): void {
    const known = this.called.get(action) ?? new Set();
    for (const { operation } of calls) known.add(operation);
    this.called.set(action, known);
  }
}
