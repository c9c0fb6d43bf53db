/** What a command has of the world around it; tests pass their own. */
import { hostname, userInfo } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { TrafficHistory } from '../../activities/metrics/traffic-history.js';
import { RolloutClient, type ConnectOptions } from '../../client.js';
import type { CodecServerOptions, RunningCodecServer } from '../../codec/codec-server.js';
import type { Emulator, EmulatorOptions as StartOptions } from '../../emulator/emulator.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { SwitchOptions } from '../../switch.js';
import type { RunningSwitch } from '../../switch/start-switch.js';
import { UsageError } from './usage-error.js';
import type { WorkerVersion } from '../../worker.js';

/** What commands need of a client. */
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

/** `env`: variables that point the AWS clients of other processes here. */
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
  /** Who is at the keyboard, where neither --actor nor PENSTOCK_ACTOR says so. */
  user: string;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Rejects when aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Resolves at the first Ctrl-C or SIGTERM; the second ends the process at once. */
  waitForInterrupt(): Promise<InterruptSignal>;
  connect(options: ConnectOptions): Promise<RolloutOperations>;
  runWorker(options: CliWorkerOptions): Promise<void>;
  startEmulator(options: CliEmulatorOptions): Promise<RunningEmulator>;
  startSwitch(options: SwitchOptions): Promise<RunningSwitch>;
  /** With the keys in `env`. */
  startCodecServer(options: OpenCodecServer): Promise<RunningCodecServer>;
  /** What CloudWatch has of the endpoint's last two weeks. */
  readHistory(plan: Plan, nowMs: number): Promise<TrafficHistory>;
  /** What the process will exit with; 0 unless a command says otherwise. */
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
    // These are large (a native module; whole servers): the other commands start without them.
    runWorker: async (options) => (await import('../../worker.js')).runWorker(options),
    startEmulator: async (options) => (await import('../../emulator/emulator.js')).startEmulator(options),
    startSwitch: async (options) => (await import('../../switch.js')).runSwitch(options),
    startCodecServer: openCodecServer,
    readHistory: async (plan, nowMs) => (await import('../forecast/history.js')).readHistory(plan, nowMs),
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
    throw new UsageError(`there is no key to decrypt with: set ${keysVariable} or ${kmsVariable}`);
  return server.startCodecServer({ ...options, codec });
}
