/** Activities on a stage: the real SDK clients, an emulator with a clock in hand, and the server's retries. */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DescribeEndpointCommand,
  SageMakerClient,
  type ProductionVariant,
} from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities } from '../../src/activities/create-activities.js';
import type { RolloutActivities } from '../../src/activities/interface/activities.js';
import type { Split } from '../../src/plan/split/split.js';
import { startEmulator, type Emulator, type EmulatorOptions } from '../../src/emulator/emulator.js';
import { putManualAlarm, setAlarmState, type SetState } from '../support/settable-alarm.js';

export const startMs = Date.parse('2026-11-02T12:00:00Z');
export const role = 'arn:aws:iam::123456789012:role/penstock-sagemaker';

type Name = keyof RolloutActivities;
type Arguments<N extends Name> = Parameters<RolloutActivities[N]>[0];
type Answer<N extends Name> = Awaited<ReturnType<RolloutActivities[N]>>;

/** One activity as the server sees it: attempts, their failures, and what they hand on. */
export class Attempts<N extends Name> {
  readonly messages: string[] = [];
  /** Heartbeat details as the server keeps them; a test that kills a worker may set them back. */
  details: unknown = undefined;

  constructor(
    private readonly stage: ActivityTestEnvironment,
    private readonly name: N,
    private readonly argument: Arguments<N>,
  ) {}

  /**
   * One attempt, cancelled as soon as `unwanted` resolves. A failure that the server would retry is returned, after its
   * delay has passed.
   */
  async once(unwanted?: Promise<void>): Promise<{ answer: Answer<N> } | { retried: ApplicationFailure }> {
    const info = { currentAttemptScheduledTimestampMs: this.stage.nowMs, heartbeatDetails: this.details };
    const environment = new MockActivityEnvironment(
      { startToCloseTimeoutMs: 60_000, ...info },
      { logger: new DefaultLogger('ERROR') },
    );
    environment.on('heartbeat', (details: unknown) => {
      this.details = JSON.parse(JSON.stringify(details ?? null)) as unknown;
    });
    void unwanted?.then(() => environment.cancel());
    const activity = this.stage.activities[this.name] as (a: Arguments<N>) => Promise<Answer<N>>;
    try {
      return { answer: await environment.run(activity, this.argument) };
    } catch (error) {
      if (!(error instanceof ApplicationFailure) || error.nonRetryable === true) throw error;
      this.messages.push(error.message);
      this.stage.nowMs += typeof error.nextRetryDelay === 'number' ? error.nextRetryDelay : 2_000;
      return { retried: error };
    }
  }

  /** Attempts until the activity has an answer. */
  async all(most = 200): Promise<Answer<N>> {
    for (let attempt = 0; attempt < most; attempt += 1) {
      const outcome = await this.once();
      if ('answer' in outcome) return outcome.answer;
    }
    throw new Error(`no answer in ${most} attempts: ${this.messages.slice(-3).join(' | ')}`);
  }
}

export class ActivityTestEnvironment {
  nowMs = startMs;
  /** What the workflow has published in its memo. */
  split: Split | null = null;

  private constructor(
    readonly emulator: Emulator,
    readonly sagemaker: SageMakerClient,
    readonly cloudwatch: CloudWatchClient,
    readonly activities: RolloutActivities,
    private readonly clock: { stage: ActivityTestEnvironment | null },
  ) {
    this.clock.stage = this;
  }

  /** `env` is the worker's environment. */
  static async open(
    options: Partial<EmulatorOptions> = {},
    pollSeconds = 10,
    env: Record<string, string> = {},
  ): Promise<ActivityTestEnvironment> {
    const clock: { stage: ActivityTestEnvironment | null } = { stage: null };
    const emulator = await startEmulator({ clock: { now: () => clock.stage?.nowMs ?? startMs }, ...options });
    const sagemaker = new SageMakerClient(emulator.awsConfig);
    const runtime = new SageMakerRuntimeClient(emulator.awsConfig);
    const cloudwatch = new CloudWatchClient(emulator.awsConfig);
    const readSplit = () => Promise.resolve(clock.stage?.split ?? null);
    const activities = createActivities({ sagemaker, runtime, cloudwatch, pollSeconds, readSplit, env });
    return new ActivityTestEnvironment(emulator, sagemaker, cloudwatch, activities, clock);
  }

  start<N extends Name>(name: N, argument: Arguments<N>): Attempts<N> {
    return new Attempts(this, name, argument);
  }

  run<N extends Name>(name: N, argument: Arguments<N>): Promise<Answer<N>> {
    return this.start(name, argument).all();
  }

  pass(seconds: number): void {
    this.nowMs += seconds * 1000;
  }

  calls(operation: string): number {
    return this.emulator.calls.count(operation);
  }

  /** A model that somebody made by hand. */
  async putModel(name: string): Promise<void> {
    const container = { Image: `simulated/${name}`, ModelDataUrl: 's3://bucket/model.tar.gz' };
    const command = new CreateModelCommand({
      ModelName: name,
      ExecutionRoleArn: role,
      PrimaryContainer: container,
    });
    await this.sagemaker.send(command);
  }

  async putConfig(name: string, variants: ProductionVariant[], more: object = {}): Promise<void> {
    const command = new CreateEndpointConfigCommand({
      EndpointConfigName: name,
      ProductionVariants: variants,
      ...more,
    });
    await this.sagemaker.send(command);
  }

  /** An endpoint that was live before any rollout: model `digits-v1`, variant `main`, two instances. */
  async putLiveEndpoint(more: object = {}): Promise<void> {
    await this.putModel('digits-v1');
    await this.putConfig('digits-config', [variantOf('main', 'digits-v1', 2)], more);
    await this.putEndpoint('digits-config');
  }

  /** Waits for it, too. */
  async putEndpoint(configName: string, EndpointName = 'digits'): Promise<void> {
    const command = new CreateEndpointCommand({ EndpointName, EndpointConfigName: configName });
    await this.sagemaker.send(command);
    this.pass(60);
    await this.sagemaker.send(new DescribeEndpointCommand({ EndpointName }));
  }

  putAlarm(name: string, state: SetState): Promise<void> {
    return putManualAlarm(this.cloudwatch, name, state);
  }

  setAlarm(name: string, state: SetState): Promise<void> {
    return setAlarmState(this.cloudwatch, name, state);
  }

  async close(): Promise<void> {
    this.sagemaker.destroy();
    this.cloudwatch.destroy();
    await this.emulator.stop();
  }
}

export function variantOf(name: string, modelName: string, count = 1, weight = 1): ProductionVariant {
  return {
    VariantName: name,
    ModelName: modelName,
    InstanceType: 'ml.m5.large',
    InitialInstanceCount: count,
    InitialVariantWeight: weight,
  };
}

/** For assert.rejects: a failure of this type whose message matches. */
export function failureOf(type: string, message: RegExp = /./): (error: unknown) => boolean {
  return (error) => error instanceof ApplicationFailure && error.type === type && message.test(error.message);
}
