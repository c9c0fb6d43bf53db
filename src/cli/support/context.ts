/** The environment of a command. Tests pass their own. */
import { hostname, userInfo } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { TrafficHistory } from '../../activities/metrics/traffic-history.js';
import { RolloutClient, type ConnectOptions } from '../../client.js';
import type { CodecServerOptions, RunningCodecServer } from '../../codec/codec-server.js';
import type { Emulator, EmulatorOptions as StartOptions } from '../../emulator/emulator.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { RehearsedAccount } from '../../rehearsal/account/rehearsed-account.js';
import type { WorkflowSandbox } from '../../simulation/temporal/sdk.js';
import type { SwitchOptions } from '../../switch.js';
import type { RunningSwitch } from '../../switch/start-switch.js';
import type { Preview } from '../preview/preview.js';
import { UsageError } from './usage-error.js';
import type { WorkerVersion } from '../../worker.js';

/** The public methods of a client. */
export type RolloutOperations = Pick<RolloutClient, keyof RolloutClient>;

export type InterruptSignal = 'SIGINT' | 'SIGTERM';

export interface CliWorkerOptions {
  address?: string;
  namespace?: string;
  profile?: string;
  pollSeconds?: number;
  taskQueue?: string;
  version?: WorkerVersion;
  log?: (line: string) => void;
}

export type CliEmulatorOptions = Pick<
  StartOptions,
  | 'port'
  | 'pace'
  | 'seed'
  | 'account'
  | 'region'
  | 'enforceQuotas'
  | 'quotas'
  | 'faults'
  | 'behaviours'
  | 'traffic'
  | 'stateFile'
>;

/** `env`: variables that point the AWS clients of other processes to this emulator. */
export type RunningEmulator = Pick<Emulator, 'url' | 'env' | 'stop'> & {
  calls: Pick<Emulator['calls'], 'summarize'>;
};

export type OpenCodecServer = Omit<CodecServerOptions, 'codec'> & { env: Context['env'] };

/** A terminal, a file or a pipe. */
export type OutputStream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

export interface Context {
  /** Data. */
  stdout: OutputStream;
  /** Progress, hints, errors. */
  stderr: OutputStream;
  env: Record<string, string | undefined>;
  /** `user@host`: the default actor, if neither --actor nor PENSTOCK_ACTOR is set. */
  user: string;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Rejects when aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Resolves at the first Ctrl-C or SIGTERM. The second one ends the process immediately. */
  waitForInterrupt(): Promise<InterruptSignal>;
  connect(options: ConnectOptions): Promise<RolloutOperations>;
  runWorker(options: CliWorkerOptions): Promise<void>;
  startEmulator(options: CliEmulatorOptions): Promise<RunningEmulator>;
  startSwitch(options: SwitchOptions): Promise<RunningSwitch>;
  /** Uses the keys in `env`. */
  startCodecServer(options: OpenCodecServer): Promise<RunningCodecServer>;
  /** Reads the endpoint's last two weeks from CloudWatch. */
  readHistory(plan: Plan, nowMs: number): Promise<TrafficHistory>;
  /** Reads what rollouts would make of the live endpoints. */
  readPreviews(plans: readonly Plan[], nowMs: number): Promise<Preview[]>;
  /** Reads the account of an endpoint from AWS, for rehearsals. */
  readAccount(plan: Plan, nowMs: number): Promise<RehearsedAccount>;
  /** The workflow code of the build, for simulations. */
  loadWorkflowSandbox(): Promise<WorkflowSandbox>;
  /** Exit code of the process. Default: 0. */
  exitCode: number;
}

export function processContext(): Context {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    user: `${userInfo().username}@${hostname()}`,
    now: Date.now,
    sleep: (ms, signal) => setTimeout(ms, undefined, { signal }),
    waitForInterrupt: () =>
      new Promise((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
      }),
    connect: (options) => RolloutClient.connect(options),
    // These modules are large (a native module, whole servers). Other commands start faster without them.
    runWorker: async (options) => (await import('../../worker.js')).runWorker(options),
    startEmulator: async (options) => (await import('../../emulator/emulator.js')).startEmulator(options),
    startSwitch: async (options) => (await import('../../switch.js')).runSwitch(options),
    startCodecServer: openCodecServer,
    readHistory: async (plan, nowMs) => (await import('../forecast/history.js')).readHistory(plan, nowMs),
    readPreviews: async (plans, nowMs) =>
      (await import('../preview/read-previews.js')).readPreviews(plans, nowMs),
    readAccount: async (plan, nowMs) =>
      (await import('../../rehearsal/account/read-account.js')).readAccount(plan, nowMs),
    loadWorkflowSandbox: async () => (await import('../../simulation/load-sandbox.js')).loadWorkflowSandbox(),
    exitCode: 0,
  };
}

async function openCodecServer({ env, ...options }: OpenCodecServer): Promise<RunningCodecServer> {
  const [server, { kmsVariable, readCodec }, { keysVariable }] = await Promise.all([
    import('../../codec/codec-server.js'),
    import('../../codec/read-codec.js'),
    import('../../codec/key-ring.js'),
  ]);
  const { codec, encrypts } = readCodec(env);
  if (!encrypts)
    throw new UsageError(`Cannot decrypt: no key is set; set ${keysVariable} or ${kmsVariable}.`);
  return server.startCodecServer({ ...options, codec });
}
