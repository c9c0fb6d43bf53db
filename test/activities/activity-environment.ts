/**
 * Test environment for activities: real SDK clients, an emulator with a controlled clock, and the server's
 * retries.
 */
import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { IAMClient } from '@aws-sdk/client-iam';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { STSClient } from '@aws-sdk/client-sts';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  SageMakerClient,
  type ProductionVariant,
} from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities } from '../../src/activities/create-activities.js';
import { settingsOf } from '../../src/activities/endpoint/endpoint-config.js';
import type { RolloutActivities } from '../../src/activities/interface/activities.js';
import type { ConfigSettings } from '../../src/activities/interface/deployment.js';
import type { Split } from '../../src/plan/split/split.js';
import { startEmulator, type Emulator, type EmulatorOptions } from '../../src/emulator/emulator.js';
import { putManualAlarm, setAlarmState, type SetState } from '../support/settable-alarm.js';

export const startMs = Date.parse('2026-11-02T12:00:00Z');
export const role = 'arn:aws:iam::123456789012:role/penstock-sagemaker';

type Name = keyof RolloutActivities;
type Arguments<N extends Name> = Parameters<RolloutActivities[N]>[0];
type Result<N extends Name> = Awaited<ReturnType<RolloutActivities[N]>>;

/** One activity from the server's view: its attempts, their failures and their heartbeat details. */
export class Attempts<N extends Name> {
  readonly messages: string[] = [];
  /** Heartbeat details on the server. A test of a killed worker may reset them. */
  details: unknown = undefined;

  constructor(
    private readonly testEnv: ActivityTestEnvironment,
    private readonly name: N,
    private readonly argument: Arguments<N>,
  ) {}

  /**
   * One attempt, cancelled as soon as `cancelled` resolves. Returns a failure that the server would retry, and
   * moves the clock past its delay.
   */
  async once(cancelled?: Promise<void>): Promise<{ result: Result<N> } | { retried: ApplicationFailure }> {
    const info = { currentAttemptScheduledTimestampMs: this.testEnv.nowMs, heartbeatDetails: this.details };
    const environment = new MockActivityEnvironment(
      { startToCloseTimeoutMs: 60_000, ...info },
      { logger: new DefaultLogger('ERROR') },
    );
    environment.on('heartbeat', (details: unknown) => {
      this.details = JSON.parse(JSON.stringify(details ?? null)) as unknown;
    });
    void cancelled?.then(() => environment.cancel());
    const activity = this.testEnv.activities[this.name] as (a: Arguments<N>) => Promise<Result<N>>;
    try {
      return { result: await environment.run(activity, this.argument) };
    } catch (error) {
      if (!(error instanceof ApplicationFailure) || error.nonRetryable === true) throw error;
      this.messages.push(error.message);
      this.testEnv.nowMs += typeof error.nextRetryDelay === 'number' ? error.nextRetryDelay : 2_000;
      return { retried: error };
    }
  }

  /** Runs attempts until the activity returns a result. */
  async all(maxAttempts = 200): Promise<Result<N>> {
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const outcome = await this.once();
      if ('result' in outcome) return outcome.result;
    }
    throw new Error(`no result in ${maxAttempts} attempts: ${this.messages.slice(-3).join(' | ')}`);
  }
}

export class ActivityTestEnvironment {
  nowMs = startMs;
  /** The split in the workflow's memo. */
  split: Split | null = null;

  private constructor(
    readonly emulator: Emulator,
    readonly sagemaker: SageMakerClient,
    readonly cloudwatch: CloudWatchClient,
    readonly activities: RolloutActivities,
    private readonly clock: { testEnv: ActivityTestEnvironment | null },
  ) {
    this.clock.testEnv = this;
  }

  /** `env`: environment variables of the worker. */
  static async open(
    options: Partial<EmulatorOptions> = {},
    pollSeconds = 10,
    env: Record<string, string> = {},
  ): Promise<ActivityTestEnvironment> {
    const clock: { testEnv: ActivityTestEnvironment | null } = { testEnv: null };
    const emulator = await startEmulator({
      clock: { now: () => clock.testEnv?.nowMs ?? startMs },
      ...options,
    });
    const sagemaker = new SageMakerClient(emulator.awsConfig);
    const runtime = new SageMakerRuntimeClient(emulator.awsConfig);
    const cloudwatch = new CloudWatchClient(emulator.awsConfig);
    const readSplit = () => Promise.resolve(clock.testEnv?.split ?? null);
    const autoscaling = new ApplicationAutoScalingClient(emulator.awsConfig);
    const { awsConfig } = emulator;
    const asking = {
      quotas: new ServiceQuotasClient(awsConfig),
      iam: new IAMClient(awsConfig),
      sts: new STSClient(awsConfig),
    };
    const clients = { sagemaker, runtime, cloudwatch, autoscaling, ...asking };
    const activities = createActivities({ ...clients, pollSeconds, readSplit, env });
    return new ActivityTestEnvironment(emulator, sagemaker, cloudwatch, activities, clock);
  }

  start<N extends Name>(name: N, argument: Arguments<N>): Attempts<N> {
    return new Attempts(this, name, argument);
  }

  run<N extends Name>(name: N, argument: Arguments<N>): Promise<Result<N>> {
    return this.start(name, argument).all();
  }

  skipTime(seconds: number): void {
    this.nowMs += seconds * 1000;
  }

  calls(operation: string): number {
    return this.emulator.calls.count(operation);
  }

  /** Creates a model without tags. */
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

  /** Creates an endpoint without a rollout: model `digits-v1`, variant `main`, two instances. */
  async putLiveEndpoint(more: object = {}): Promise<void> {
    await this.putModel('digits-v1');
    await this.putConfig('digits-config', [variantOf('main', 'digits-v1', 2)], more);
    await this.putEndpoint('digits-config');
  }

  /** Creates an endpoint and waits until it is InService. */
  async putEndpoint(configName: string, EndpointName = 'digits'): Promise<void> {
    const command = new CreateEndpointCommand({ EndpointName, EndpointConfigName: configName });
    await this.sagemaker.send(command);
    this.skipTime(60);
    await this.sagemaker.send(new DescribeEndpointCommand({ EndpointName }));
  }

  async settingsOf(configName: string): Promise<ConfigSettings> {
    const command = new DescribeEndpointConfigCommand({ EndpointConfigName: configName });
    return settingsOf(await this.sagemaker.send(command));
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
