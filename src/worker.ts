/** Composition root of a worker: Temporal, the workflow bundle, and the activities with their AWS clients. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { IAMClient } from '@aws-sdk/client-iam';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { STSClient } from '@aws-sdk/client-sts';
import {
  DefaultLogger,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerDeploymentOptions,
} from '@temporalio/worker';
import { createActivities, defaultPollSeconds } from './activities/create-activities.js';
import { autoHeartbeat } from './activities/temporal/auto-heartbeat.js';
import {
  readConnectionSettings,
  type ConnectionSettings,
  type ConnectOptions,
} from './client/temporal/connection.js';
import { TemporalUnreachable } from './client/errors.js';
import { readCodec } from './codec/read-codec.js';
import { ActorKeys } from './identity/actor-keys.js';
import { workerReady } from './worker-ready.js';
import { taskQueue as defaultTaskQueue } from './workflows/messages.js';

export interface WorkerOptions extends ConnectOptions {
  /** Seconds between two polls of an activity. Default: 30, because of the AWS quotas. */
  pollSeconds?: number;
  /** Default: `penstock`. Waves may name other queues, for workers in other regions or accounts. */
  taskQueue?: string;
  /** Default: none, and every rollout may move between all running workers (docs/upgrading.md). */
  version?: WorkerVersion;
  /** File with the workflow code. Default: the one of the build. */
  bundlePath?: string;
  /** Receives a line when the worker is ready and one when it has stopped. */
  log?: (line: string) => void;
}

/** The version of a worker in a Worker Deployment. It gets no rollouts until it is set as the current version. */
export interface WorkerVersion {
  deployment: string;
  buildId: string;
  /** `pinned`: rollouts stay on the version that they started on. `autoUpgrade`: they move to the current one. */
  versioningBehavior: 'pinned' | 'autoUpgrade';
}

/** The build makes the bundles, so workers start without a bundler. An encrypting worker also encrypts failures. */
function builtBundlePath(encrypts: boolean): string {
  const name = encrypts ? './workflow-bundle-encrypting.js' : './workflow-bundle.js';
  return fileURLToPath(new URL(name, import.meta.url));
}

/** The SDK expects the path of the converter and loads it. */
function failureConverterPath(): string {
  return fileURLToPath(import.meta.resolve('./workflows/temporal/failure-converter.js'));
}

/** Time for running activities to finish when the worker stops. */
const shutdownGraceTime = '15s';

/**
 * Runs until SIGINT or SIGTERM, then waits for running activities. AWS region and credentials come from the
 * environment.
 */
export async function runWorker({
  pollSeconds = defaultPollSeconds,
  taskQueue = defaultTaskQueue,
  version,
  bundlePath,
  log = () => undefined,
  ...options
}: WorkerOptions): Promise<void> {
  const started = Date.now();
  const settings = readConnectionSettings(options);
  const { namespace } = settings;
  const { codec, encrypts } = readCodec(options.env);
  const actorKeys = ActorKeys.read(options.env);
  // From here on, the SDK's runtime keeps the process alive until the connection is closed.
  logToStderr();
  const connection = await connect(settings);
  try {
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue,
      workflowBundle: { code: await readBundle(bundlePath ?? builtBundlePath(encrypts)) },
      activities: createActivities({
        sagemaker: new SageMakerClient(),
        runtime: new SageMakerRuntimeClient(),
        cloudwatch: new CloudWatchClient(),
        autoscaling: new ApplicationAutoScalingClient(),
        quotas: new ServiceQuotasClient(),
        iam: new IAMClient(),
        sts: new STSClient(),
        pollSeconds,
        actorKeys,
      }),
      dataConverter: {
        payloadCodecs: [codec],
        ...(encrypts ? { failureConverterPath: failureConverterPath() } : {}),
      },
      ...(version === undefined ? {} : { workerDeploymentOptions: deploymentOptionsOf(version) }),
      shutdownGraceTime,
      ...autoHeartbeat,
    });
    const versionText = version === undefined ? '' : `, version ${version.buildId} of ${version.deployment}`;
    const encryptionText = encrypts ? ', payloads encrypted' : '';
    log(
      `${workerReady} on task queue ${taskQueue}, namespace ${namespace}${versionText}${encryptionText}, in ${Date.now() - started} ms`,
    );
    await worker.run();
    log('worker stopped');
  } finally {
    await connection.close();
  }
}

function deploymentOptionsOf({
  deployment,
  buildId,
  versioningBehavior,
}: WorkerVersion): WorkerDeploymentOptions {
  return {
    version: { deploymentName: deployment, buildId },
    useWorkerVersioning: true,
    defaultVersioningBehavior: versioningBehavior === 'pinned' ? 'PINNED' : 'AUTO_UPGRADE',
  };
}

async function connect({ address, connectionOptions }: ConnectionSettings): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(connectionOptions);
  } catch (error) {
    throw new TemporalUnreachable(address, error instanceof Error ? error.message : String(error), error);
  }
}

async function readBundle(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new Error(`the workflow bundle ${path} is missing; run \`npm run build\``, {
      cause: error,
    });
  });
}

/** Logs to stderr, because stdout is for data. Workflows and activities log only warnings and errors. */
function logToStderr(): void {
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      process.stderr.write(`${new Date().toISOString()} ${level} ${message} ${JSON.stringify(meta ?? {})}\n`);
    }),
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'WARN' }), forward: {} } },
  });
}
