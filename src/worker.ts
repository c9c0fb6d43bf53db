/** Composition root of a worker: Temporal, the workflow bundle, and the activities with their AWS clients. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import {
  DefaultLogger,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerDeploymentOptions,
} from '@temporalio/worker';
import { createActivities } from './activities/create-activities.js';
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
  /** Seconds between two looks at something under way; 30 unless told otherwise, to be kind to AWS quotas. */
  pollSeconds?: number;
  /** `penstock` unless told otherwise; waves may name others, of workers in other regions or accounts. */
  taskQueue?: string;
  /** Unless given, every rollout may move between all workers that run (docs/upgrading.md). */
  version?: WorkerVersion;
  /** File of the workflow code; the one that the build made unless given. */
  bundlePath?: string;
  /** Receives one line when the worker is ready and one when it has stopped. */
  log?: (line: string) => void;
}

/** Which version of a Worker Deployment a worker is. It gets no rollouts before Temporal is told that it is current. */
export interface WorkerVersion {
  deployment: string;
  buildId: string;
  /** Rollouts stay on the version that they began on, or move on to the current one. */
  versioningBehavior: 'pinned' | 'autoUpgrade';
}

/** Bundled by the build: a worker starts without a bundler. One that encrypts has failures in payloads too. */
function builtBundlePath(encrypts: boolean): string {
  const name = encrypts ? './workflow-bundle-encrypting.js' : './workflow-bundle.js';
  return fileURLToPath(new URL(name, import.meta.url));
}

/** A path, and not the converter: the SDK loads it by itself. */
function failureConverterPath(): string {
  return fileURLToPath(import.meta.resolve('./workflows/temporal/failure-converter.js'));
}

/** How long activities under way may take to finish when the worker is told to stop. */
const shutdownGraceTime = '15s';

/** Runs until SIGINT or SIGTERM, then lets what is under way finish. AWS region and credentials: from the environment. */
export async function runWorker({
  pollSeconds: pollSeconds = 30,
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
  // From here on the SDK's runtime keeps the process alive until a connection has been closed.
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
    const called = version === undefined ? '' : `, version ${version.buildId} of ${version.deployment}`;
    const encrypting = encrypts ? ', payloads encrypted' : '';
    log(
      `${workerReady} on task queue ${taskQueue}, namespace ${namespace}${called}${encrypting}, in ${Date.now() - started} ms`,
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
    throw new Error(`the workflow bundle ${path} is missing; make it with \`npm run build\``, {
      cause: error,
    });
  });
}

/** Standard output is for data; workflows and activities log warnings and errors only. */
function logToStderr(): void {
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      process.stderr.write(`${new Date().toISOString()} ${level} ${message} ${JSON.stringify(meta ?? {})}\n`);
    }),
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'WARN' }), forward: {} } },
  });
}
