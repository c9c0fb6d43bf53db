/**
 * An AWS account for one rollout, with Temporal and Penstock's activities on the account's clock. A fault is injected into
 * one call.
 */
import { Context } from '@temporalio/activity';
import type { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { autoHeartbeat } from '../../../src/activities/temporal/auto-heartbeat.js';
import { createActivities } from '../../../src/activities/create-activities.js';
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import type { Notification } from '../../../src/activities/interface/notifications.js';
import type { CallRecord } from '../../../src/emulator/account/calls.js';
import { openInProcess, type InProcessEmulator } from '../../../src/emulator/in-process.js';
import { createClients } from '../../../src/simulation/aws/clients.js';
import { requestHandlerOf } from '../../../src/simulation/aws/request-handler.js';
import { topicHandlerOf, type Publication } from '../../../src/simulation/aws/topics.js';
import { SimulatedClock } from '../../../src/simulation/clock.js';
import { defaultStartMs, SimulatedTemporal } from '../../../src/simulation/temporal/simulated-temporal.js';
import { workflowBundle } from '../../support/workflow-bundle.js';
import { workflowSandbox } from '../../support/workflow-sandbox.js';
import { actionOf, type ActivityName } from './actions.js';
import { ExternalActor } from './external-change.js';
import { toEmulatorFault, type CallFault } from './faults.js';

/** Seconds: a few polls for each change. */
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
  readonly temporal: SimulatedTemporal;
  /** For the test itself. */
  readonly sagemaker: SageMakerClient;
  readonly cloudwatch: CloudWatchClient;
  readonly autoscaling: ApplicationAutoScalingClient;
  private readonly publications: Publication[] = [];
  private readonly activities: RolloutActivities;
  private readonly externalActor: ExternalActor;
  private isArmed = false;

  private constructor(
    readonly endpoint: string,
    readonly emulator: InProcessEmulator,
    private readonly injection: Injection | null,
    private readonly beforeAttempt: BeforeAttempt,
    {
      clock,
      sandbox,
    }: Pick<ConstructorParameters<typeof SimulatedTemporal>[0], 'sandbox'> & { clock: SimulatedClock },
  ) {
    const handlers = {
      aws: requestHandlerOf(emulator, { latencyMs: 0 }),
      topics: topicHandlerOf(clock, this.publications),
    };
    const own = createClients(handlers, emulator.region);
    ({ sagemaker: this.sagemaker, cloudwatch: this.cloudwatch, autoscaling: this.autoscaling } = own);
    const clients = createClients(handlers, emulator.region, injection?.fault.maxAttempts ?? 1);
    this.externalActor = new ExternalActor(emulator, endpoint, clients.sagemaker);
    this.activities = createActivities({ ...clients, pollSeconds });
    this.temporal = new SimulatedTemporal({
      ...{ sandbox, clock },
      createActivities: () => this.observedActivities(),
      interceptors: autoHeartbeat.interceptors?.activity ?? [],
    });
  }

  static async open(
    endpoint: string,
    injection: Injection | null,
    beforeAttempt: BeforeAttempt,
  ): Promise<Account> {
    const clock = new SimulatedClock(defaultStartMs);
    const emulator = await openInProcess({
      clock: { now: () => clock.nowMs },
      pace: { ...pace, ...maintenance },
      lateMs: 5_000,
    });
    const sandbox = await workflowSandbox(await workflowBundle());
    return new Account(endpoint, emulator, injection, beforeAttempt, { clock, sandbox });
  }

  get calls(): CallRecord[] {
    return [...this.emulator.calls];
  }

  /** Notifications to the rollout's topic, in order. */
  get notices(): Notification[] {
    return this.publications.map(({ message }) => JSON.parse(message) as Notification);
  }

  /** Whether the fault was injected into a call. */
  get faultFired(): boolean {
    return this.externalActor.hasActed || this.calls.some(({ fault }) => fault !== undefined);
  }

  close(): Promise<void> {
    return this.temporal.close();
  }

  private observedActivities(): object {
    const names = Object.keys(this.activities) as ActivityName[];
    return Object.fromEntries(
      names.map((name) => [name, (argument: unknown) => this.attempt(name, argument)]),
    );
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

  private async arm({ operation, fault }: Injection): Promise<void> {
    if (this.isArmed) return;
    this.isArmed = true;
    if (fault.kind === 'inProgress') await this.externalActor.actBefore(operation);
    else this.emulator.faults.add(toEmulatorFault(fault, operation, this.temporal.clock.nowMs));
  }

  private record(action: string, calls: CallRecord[]): void {
    const known = this.called.get(action) ?? new Set();
    for (const { operation } of calls) known.add(operation);
    this.called.set(action, known);
  }
}
