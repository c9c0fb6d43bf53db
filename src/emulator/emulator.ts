/**
 * SageMaker, SageMaker Runtime and CloudWatch on loopback, for rehearsals and tests: an HTTP server that the real SDK
 * clients talk to. See docs/emulator.md for what is modelled.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lockState } from './control/state-lock.js';
import { readState, restoreState, StateFile } from './control/state-file.js';
import type { PartialPublication } from './cloudwatch/metrics/store.js';
import { listenEmulator } from './http/server.js';
import type { EmulatorOptions } from './options.js';
import { ProgramHost } from './programs/program-host.js';
import { applySageMakerEvent, type SageMakerEvent } from './sagemaker/events.js';
import { startScalingRules } from './sagemaker/endpoints/scaling.js';
import type { SageMakerOptions } from './sagemaker/settings.js';
import type { Behaviour } from './traffic/behaviours.js';
import type { TrafficSetting } from './traffic/traffic.js';
import type { CallLog } from './account/calls.js';
import { type Clock, systemClock } from './account/clock.js';
import type { Durations, CustomPace } from './account/durations.js';
import type { Fault } from './account/faults.js';
import type { MetricsOutage } from './account/outages.js';
import { AccountState } from './account/account-state.js';

export type {
  EmulatorOptions,
  SageMakerEvent,
  SageMakerOptions,
  Behaviour,
  TrafficSetting,
  Clock,
  Durations,
  Fault,
  MetricsOutage,
  CustomPace,
};

export interface Emulator {
  url: string;
  port: number;
  region: string;
  account: string;
  /** For child processes: AWS_ENDPOINT_URL_*, AWS_REGION and credentials that open nothing. */
  env: Record<string, string>;
  /** For the constructors of SDK clients. */
  awsConfig: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
  /** `add` returns an id for `clear`, which takes all back without one. */
  faults: Pick<AccountState['faults'], 'add' | 'clear' | 'list'>;
  /** Calls that `holdRequest` and `holdResponse` keep back. `release` lets one go, or all, and says how many there were. */
  held: Pick<AccountState['holds'], 'list' | 'release'>;
  calls: CallLog;
  /** Lets something happen to SageMaker that no caller asked for, or changes one of its settings. */
  cause(event: SageMakerEvent): Promise<void>;
  setBehaviour(behaviour: Behaviour): Promise<void>;
  setTraffic(setting: TrafficSetting): Promise<void>;
  /** Until it is set to null, GetMetricData fails or answers without data. */
  setMetricsOutage(outage: MetricsOutage | null): Promise<void>;
  /** From now on the newest period is seen with a share of its data first; null: with all of it at once. */
  setPartialMetrics(partial: PartialPublication | null): Promise<void>;
  /** While on, the variant's metrics of the periods that end are never published. */
  withholdMetrics(endpoint: string, variant: string, on?: boolean): Promise<void>;
  stop(): Promise<void>;
}

const tickMs = 200;
const defaultStateIntervalSeconds = 10;
const defaultAccount = { account: '123456789012', region: 'us-east-1' };

/**
 * Starts an emulator on 127.0.0.1. With the system clock, time also passes between requests. Throws StateFileError where
 * the state file cannot be used, or another emulator is using it.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const unlock = options.stateFile === undefined ? async () => {} : await lockState(options.stateFile);
  try {
    return await start(options, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** `unlock` is called when it has ended. */
async function start(options: EmulatorOptions, unlock: () => Promise<void>): Promise<Emulator> {
  const clock = options.clock ?? systemClock;
  const { stateFile } = options;
  const kept = stateFile === undefined ? null : await readState(stateFile, options);
  const lastingDir = options.dataDir ?? (stateFile === undefined ? undefined : `${stateFile}.data`);
  const dataDir = lastingDir ?? (await mkdtemp(join(tmpdir(), 'penstock-emulator-')));
  await mkdir(dataDir, { recursive: true });
  const programs = new ProgramHost(
    options.programs ?? fileURLToPath(new URL('../../examples', import.meta.url)),
    dataDir,
  );
  const world = new AccountState({
    clock,
    seed: options.seed ?? 1,
    account: options.account ?? kept?.account ?? defaultAccount.account,
    region: options.region ?? kept?.region ?? defaultAccount.region,
    pace: options.pace ?? 'fast',
    lateMs: options.lateMs,
    behaviours: options.behaviours ?? [],
    traffic: options.traffic ?? [],
    enforceQuotas: options.enforceQuotas ?? false,
    quotas: options.quotas ?? {},
    sageMaker: options.sageMaker ?? {},
    realTime: clock === systemClock,
    programs,
  });
  world.metrics.partial = options.partialMetrics ?? null;
  const server = await open(world, kept, options).catch(async (error: unknown) => {
    // A kept account may have started programs.
    await programs.stop();
    throw error;
  });
  const tick = clock === systemClock ? setInterval(() => void world.advanceBy(), tickMs) : undefined;
  tick?.unref();
  const everyMs = (options.stateEverySeconds ?? defaultStateIntervalSeconds) * 1000;
  const state = stateFile === undefined ? null : new StateFile(stateFile, world, everyMs);
  const stop = async () => {
    world.close();
    clearInterval(tick);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    try {
      // Before its programs end: what they did by now is all that has happened.
      await state?.close();
    } finally {
      await unlock();
      await programs.stop();
      if (lastingDir === undefined) await rm(dataDir, { recursive: true, force: true });
    }
  };
  let stopped: Promise<void> | undefined;
  return describe(world, (server.address() as AddressInfo).port, () => (stopped ??= stop()));
}

/** Begins with the kept state, or with what the options say, and listens. */
async function open(
  world: AccountState,
  kept: Awaited<ReturnType<typeof readState>>,
  options: EmulatorOptions,
): Promise<Server> {
  if (kept) restoreState(world, kept);
  else for (const fault of options.faults ?? []) world.faults.add(fault);
  await world.advanceToNow(() => (kept ? undefined : startScalingRules(world)));
  return listenEmulator(world, options.port ?? 0, options.host);
}

function describe(world: AccountState, port: number, stop: () => Promise<void>): Emulator {
  const url = `http://127.0.0.1:${port}`;
  const { region, account } = world.options;
  const credentials = { accessKeyId: 'emulator', secretAccessKey: 'emulator' };
  return {
    url,
    port,
    region,
    account,
    env: {
      AWS_ENDPOINT_URL_SAGEMAKER: url,
      AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: url,
      AWS_ENDPOINT_URL_CLOUDWATCH: url,
      AWS_REGION: region,
      // What older SDKs and the AWS CLI read.
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    awsConfig: { endpoint: url, region, credentials },
    faults: world.faults,
    held: world.holds,
    calls: world.calls,
    cause: (event) => world.advanceToNow(() => applySageMakerEvent(world, event)),
    setBehaviour: (behaviour) =>
      world.advanceToNow(() => {
        world.catchUpTraffic();
        world.behaviours.set(behaviour);
      }),
    setTraffic: (setting) =>
      world.advanceToNow(() => {
        world.catchUpTraffic();
        world.traffic.set(setting);
      }),
    setMetricsOutage: (outage) => world.advanceToNow(() => void (world.outages.metrics = outage)),
    setPartialMetrics: (partial) => world.advanceToNow(() => void (world.metrics.partial = partial)),
    withholdMetrics: (endpoint, variant, on = true) =>
      world.advanceToNow(() => world.outages.withhold(endpoint, variant, on)),
    stop,
  };
}
