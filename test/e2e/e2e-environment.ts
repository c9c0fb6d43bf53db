/** A complete environment for rollouts: a namespace of the dev server, an account in a separate emulator, and workers. */
import { setTimeout as delay } from 'node:timers/promises';
import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { IAMClient } from '@aws-sdk/client-iam';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { STSClient } from '@aws-sdk/client-sts';
import { CloudWatchClient, ListMetricsCommand, PutCompositeAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { Client } from '@temporalio/client';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import { createActivities } from '../../src/activities/create-activities.js';
import type { RolloutActivities } from '../../src/activities/interface/activities.js';
import { autoHeartbeat } from '../../src/activities/temporal/auto-heartbeat.js';
import { RolloutClient, type SpecJson } from '../../src/client.js';
import { startEmulator, type Emulator, type CustomPace } from '../../src/emulator/emulator.js';
import { rolloutIdOf } from '../../src/plan/compile/rollout-id.js';
import { taskQueue } from '../../src/workflows/messages.js';
import { devServer, eventually, openNamespace } from '../support/dev-server.js';
import { putManualAlarm, setAlarmState } from '../support/settable-alarm.js';
import { workflowBundle } from '../support/workflow-bundle.js';
import { readStatus } from './aws-account.js';
import { createModel, createOriginal } from './live-endpoint.js';
import { RolloutUnderTest } from './rollout-under-test.js';

/** Seconds. The values are short, so that many rollouts end in about a minute. */
const pace = { training: 4, creating: 1.5, updating: 1.5, shifting: 0.5, deleting: 0.3 };

export const requestsPerSecond = 40;

type Stop = () => Promise<void>;

export interface Version {
  bundle?: WorkflowBundle;
  /** Gets the activities of the current code; returns the ones that differ. */
  activities?: (present: RolloutActivities) => Partial<RolloutActivities>;
}

export class E2eEnvironment {
  private readonly workers = new Set<Stop>();

  private constructor(
    readonly temporal: Client,
    readonly emulator: Emulator,
    readonly sagemaker: SageMakerClient,
    readonly cloudwatch: CloudWatchClient,
    readonly rollouts: RolloutClient,
  ) {}

  /** Opens without a worker. `durations` override the pace. */
  static async open(name: string, durations: CustomPace = {}): Promise<E2eEnvironment> {
    return E2eEnvironment.forNamespace(await openNamespace(`e2e-${name}`), durations);
  }

  /** For a server or a namespace that the test has created. */
  static async forNamespace(temporal: Client, durations: CustomPace = {}): Promise<E2eEnvironment> {
    // A machine that runs many rollouts at once answers late.
    const rollouts = new RolloutClient(temporal, { answerSeconds: 90 });
    await eventually(async () => ((await rollouts.setup()).added.length === 0 ? true : undefined));
    const emulator = await startEmulator({ pace: { ...pace, ...durations }, lateMs: 500 });
    const sagemaker = new SageMakerClient(emulator.awsConfig);
    const cloudwatch = new CloudWatchClient(emulator.awsConfig);
    return new E2eEnvironment(temporal, emulator, sagemaker, cloudwatch, rollouts);
  }

  /** An environment for one scenario only, because it would disturb the others. */
  static async withOwnEnvironment(
    name: string,
    run: (environment: E2eEnvironment) => Promise<void>,
    durations: CustomPace = {},
  ): Promise<void> {
    const environment = await E2eEnvironment.open(name, durations);
    try {
      await run(environment);
    } finally {
      await environment.close();
    }
  }

  /** Returns a function that stops the worker. `version`: the parts that differ from the current code. */
  async startWorker(version: Version = {}): Promise<Stop> {
    const { native } = await devServer();
    const { awsConfig } = this.emulator;
    const runtime = new SageMakerRuntimeClient(awsConfig);
    const activities = createActivities({
      sagemaker: new SageMakerClient(awsConfig),
      cloudwatch: new CloudWatchClient(awsConfig),
      autoscaling: new ApplicationAutoScalingClient(awsConfig),
      ...{
        quotas: new ServiceQuotasClient(awsConfig),
        iam: new IAMClient(awsConfig),
        sts: new STSClient(awsConfig),
      },
      runtime,
      pollSeconds: 1,
    });
    const worker = await Worker.create({
      connection: native,
      namespace: this.temporal.options.namespace,
      identity: 'worker',
      taskQueue,
      workflowBundle: version.bundle ?? (await workflowBundle()),
      activities: { ...activities, ...version.activities?.(activities) },
      workflowThreadPoolSize: 1,
      ...autoHeartbeat,
    });
    const ended = worker.run();
    const stop = async () => {
      if (!this.workers.delete(stop)) return;
      worker.shutdown();
      await ended;
    };
    this.workers.add(stop);
    return stop;
  }

  async close(): Promise<void> {
    await Promise.all([...this.workers].map((stop) => stop()));
    this.sagemaker.destroy();
    this.cloudwatch.destroy();
    await this.emulator.stop();
  }

  /**
   * Creates an endpoint with users: model NAME-1 on config NAME-original, two instances of variant AllTraffic. Also
   * creates model NAME-2.
   */
  async putLive(endpoint: string): Promise<void> {
    await createModel(this.sagemaker, `${endpoint}-1`);
    await createModel(this.sagemaker, `${endpoint}-2`);
    await createOriginal(this.sagemaker, endpoint);
    await this.sendUsers(endpoint);
    while ((await readStatus(this.sagemaker, endpoint)) !== 'InService') await delay(200);
  }

  /** Resolves when CloudWatch lists the visitors' metric: preflight checks the metrics of goals. */
  async waitForVisitors(endpoint: string): Promise<void> {
    const Dimensions = [{ Name: 'EndpointName', Value: endpoint }];
    const command = new ListMetricsCommand({ Namespace: 'Shop', Dimensions });
    while (((await this.cloudwatch.send(command)).Metrics ?? []).length === 0) await delay(200);
  }

  sendUsers(endpoint: string): Promise<void> {
    return this.emulator.setTraffic({ endpoint, requestsPerSecond });
  }

  async start(spec: SpecJson): Promise<RolloutUnderTest> {
    const { endpoint, workflowId, runId } = await this.rollouts.start(spec, { startedBy: 'ana' });
    return new RolloutUnderTest(this, endpoint, rolloutIdOf(endpoint, { workflowId, runId }));
  }

  /** An alarm whose state the test sets. */
  putAlarm(name: string): Promise<void> {
    return putManualAlarm(this.cloudwatch, name);
  }

  async putCompositeAlarm(name: string, child: string): Promise<void> {
    const AlarmRule = `ALARM("${child}")`;
    await this.cloudwatch.send(new PutCompositeAlarmCommand({ AlarmName: name, AlarmRule }));
  }

  setAlarm(name: string, state: 'OK' | 'ALARM'): Promise<void> {
    return setAlarmState(this.cloudwatch, name, state);
  }

  /** Number of calls of an operation for this name that took effect, including calls whose response was lost. */
  effects(operation: string, name: string): number {
    return this.emulator.calls
      .of(operation)
      .filter(({ outcome }) => outcome === 'ok' || outcome === 'lostResponse')
      .filter(({ parameters }) => Object.values(parameters).some((value) => isNamed(String(value), name)))
      .length;
  }
}

/** A name, or the ARN of an object with that name. */
function isNamed(value: string, name: string): boolean {
  return value.startsWith(name) || value.includes(`/${name}`);
}
