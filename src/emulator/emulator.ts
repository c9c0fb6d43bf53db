/**
 * SageMaker, SageMaker Runtime and CloudWatch on loopback, for rehearsals and tests: an HTTP server for the real SDK
 * clients. docs/emulator.md lists the emulated operations.
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
  /** For child processes: AWS_ENDPOINT_URL_*, AWS_REGION, and credentials that give no access to AWS. */
  env: Record<string, string>;
  /** For the constructors of SDK clients. */
  awsConfig: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
  /** `add` returns an id for `clear`. Without an id, `clear` clears all faults. */
  faults: Pick<AccountState['faults'], 'add' | 'clear' | 'list'>;
  /** Calls held by `holdRequest` and `holdResponse`. `release` releases one or all, and returns their number. */
  held: Pick<AccountState['heldRequests'], 'list' | 'release'>;
  calls: CallLog;
  /** Causes an event in SageMaker without a caller, or changes one of its settings. */
  cause(event: SageMakerEvent): Promise<void>;
  setBehaviour(behaviour: Behaviour): Promise<void>;
  setTraffic(setting: TrafficSetting): Promise<void>;
  /** Until it is set to null, GetMetricData fails or returns no data. */
  setMetricsOutage(outage: MetricsOutage | null): Promise<void>;
  /** From now on, readers first get only a share of the newest period. Null: all of it at once. */
  setPartialMetrics(partial: PartialPublication | null): Promise<void>;
  /** While on, the metrics of the variant for periods that end are never published. */
  withholdMetrics(endpoint: string, variant: string, on?: boolean): Promise<void>;
  stop(): Promise<void>;
}

const tickMs = 200;
const defaultStateIntervalSeconds = 10;
const defaultAccount = { account: '123456789012', region: 'us-east-1' };

/**
 * Starts an emulator on 127.0.0.1. With the system clock, time also passes between requests. Throws StateFileError if
 * the state file cannot be used, or if another emulator uses it.
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

/** `unlock` is called when the emulator has stopped. */
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
  const account = new AccountState({
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
  account.metrics.partial = options.partialMetrics ?? null;
  const server = await open(account, kept, options).catch(async (error: unknown) => {
    // A restored account may have started programs.
    await programs.stop();
    throw error;
  });
  const tick = clock === systemClock ? setInterval(() => void account.advanceBy(), tickMs) : undefined;
  tick?.unref();
  const everyMs = (options.stateEverySeconds ?? defaultStateIntervalSeconds) * 1000;
  const state = stateFile === undefined ? null : new StateFile(stateFile, account, everyMs);
  const stop = async () => {
    account.close();
    clearInterval(tick);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    try {
      // Saved before its programs are stopped, so that their stop does not change the state.
      await state?.close();
    } finally {
      await unlock();
      await programs.stop();
      if (lastingDir === undefined) await rm(dataDir, { recursive: true, force: true });
    }
  };
  let stopped: Promise<void> | undefined;
  return describe(account, (server.address() as AddressInfo).port, () => (stopped ??= stop()));
}

/** Restores the saved state, or applies the options, and listens. */
async function open(
  account: AccountState,
  kept: Awaited<ReturnType<typeof readState>>,
  options: EmulatorOptions,
): Promise<Server> {
  if (kept) restoreState(account, kept);
  else for (const fault of options.faults ?? []) account.faults.add(fault);
  await account.advanceToNow(() => (kept ? undefined : startScalingRules(account)));
  return listenEmulator(account, options.port ?? 0, options.host);
}

function describe(account: AccountState, port: number, stop: () => Promise<void>): Emulator {
  const url = `http://127.0.0.1:${port}`;
  const { region, account: accountId } = account.options;
  const credentials = { accessKeyId: 'emulator', secretAccessKey: 'emulator' };
  return {
    url,
    port,
    region,
    account: accountId,
    env: {
      AWS_ENDPOINT_URL_SAGEMAKER: url,
      AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: url,
      AWS_ENDPOINT_URL_CLOUDWATCH: url,
      AWS_REGION: region,
      // Older SDKs and the AWS CLI read this variable.
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    awsConfig: { endpoint: url, region, credentials },
    faults: account.faults,
    held: account.heldRequests,
    calls: account.calls,
    cause: (event) => account.advanceToNow(() => applySageMakerEvent(account, event)),
    setBehaviour: (behaviour) =>
      account.advanceToNow(() => {
        account.catchUpTraffic();
        account.behaviours.set(behaviour);
      }),
    setTraffic: (setting) =>
      account.advanceToNow(() => {
        account.catchUpTraffic();
        account.traffic.set(setting);
      }),
    setMetricsOutage: (outage) => account.advanceToNow(() => void (account.outages.metrics = outage)),
    setPartialMetrics: (partial) => account.advanceToNow(() => void (account.metrics.partial = partial)),
    withholdMetrics: (endpoint, variant, on = true) =>
      account.advanceToNow(() => account.outages.withhold(endpoint, variant, on)),
    stop,
  };
}
