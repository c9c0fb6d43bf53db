/**
 * SageMaker, SageMaker Runtime, CloudWatch and Application Auto Scaling on loopback, for rehearsals and tests: an HTTP server for the real SDK
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
import { listenEmulator } from './http/server.js';
import type { EmulatorOptions } from './options.js';
import { ProgramHost } from './programs/program-host.js';
import type { SageMakerEvent } from './sagemaker/events.js';
import type { SageMakerOptions } from './sagemaker/settings.js';
import type { Behaviour } from './traffic/behaviours.js';
import type { TrafficSetting } from './traffic/traffic.js';
import { type Clock, systemClock } from './account/clock.js';
import type { Durations, CustomPace } from './account/durations.js';
import type { Fault } from './account/faults.js';
import type { MetricsOutage } from './account/outages.js';
import type { AccountState } from './account/account-state.js';
import { beginAccount, createRegions } from './account/create-account.js';
import type { Regions } from './account/regions.js';
import { controlsOf, type EmulatorControls } from './control/controls.js';

export type {
  EmulatorControls,
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

export interface Emulator extends EmulatorControls {
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
  stop(): Promise<void>;
}

const tickMs = 200;
const defaultStateIntervalSeconds = 10;

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
  const regions = createRegions(options, programs, kept);
  const server = await open(regions, kept, options).catch(async (error: unknown) => {
    // A restored account may have started programs.
    await programs.stop();
    throw error;
  });
  const tick = clock === systemClock ? setInterval(() => void regions.advance(), tickMs) : undefined;
  tick?.unref();
  const everyMs = (options.stateEverySeconds ?? defaultStateIntervalSeconds) * 1000;
  const state = stateFile === undefined ? null : new StateFile(stateFile, regions, everyMs);
  const stop = async () => {
    regions.close();
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
  return describe(regions.home, (server.address() as AddressInfo).port, () => (stopped ??= stop()));
}

/** Restores the saved state, or applies the options, and listens. */
async function open(
  regions: Regions,
  kept: Awaited<ReturnType<typeof readState>>,
  options: EmulatorOptions,
): Promise<Server> {
  if (kept) {
    restoreState(regions, kept);
    for (const account of regions.all) await account.advanceToNow(() => undefined);
  } else await beginAccount(regions, options);
  return listenEmulator(regions, options.port ?? 0, options.host);
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
      AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING: url,
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: url,
      AWS_ENDPOINT_URL_SERVICE_QUOTAS: url,
      AWS_ENDPOINT_URL_IAM: url,
      AWS_ENDPOINT_URL_STS: url,
      AWS_REGION: region,
      // Older SDKs and the AWS CLI read this variable.
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    awsConfig: { endpoint: url, region, credentials },
    ...controlsOf(account),
    stop,
  };
}
