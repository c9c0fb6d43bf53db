/** Kills a worker between an effect and its record: AWS has carried out the call, but the response never arrives. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Emulator } from '../../../src/emulator/emulator.js';
import { WorkerKillEnvironment } from './worker-kill-environment.js';
import { ScenarioRun, type RunRecord, type Scenario } from './run-scenario.js';

/** The nth call of an operation in the rollout of a scenario. */
export interface Call {
  scenario: Scenario;
  operation: string;
  nth: number;
}

/** All calls of a scenario that have an effect. */
export function callsOf(scenario: Scenario): Call[] {
  return Object.entries(scenario.effects).flatMap(([operation, times]) =>
    Array.from({ length: times }, (_, i) => ({ scenario, operation, nth: i + 1 })),
  );
}

export interface Interrupted {
  call: Call;
  record: Promise<RunRecord>;
  /** The rollout has made the call. */
  isHeld: boolean;
  hasEnded: boolean;
  faultId: number;
}

/** The server times out an activity attempt after 60 s. The worker must be killed before that. */
const maxHoldMs = 40_000;

/**
 * Runs one rollout for each call, all at once, with one worker. The worker is killed when every call is held. If some calls
 * come much later than others, the worker is also killed before that. All scenarios must have the same durations.
 */
export function runKilledInCalls(calls: Call[]): Promise<Interrupted[]> {
  return WorkerKillEnvironment.run(async (environment) => {
    let worker = await environment.startWorker();
    const starts = await Promise.all(calls.map((call, i) => prepare(environment, call, i)));
    const interrupted = await Promise.all(starts.map((start) => start()));
    while (await waitForNextKill(environment.e2e.emulator, interrupted)) {
      await worker.kill();
      worker = await environment.startWorker();
    }
    await Promise.allSettled(interrupted.map(({ record }) => record));
    return interrupted;
  }, calls[0]?.scenario.durations);
}

async function prepare(
  environment: WorkerKillEnvironment,
  call: Call,
  index: number,
): Promise<() => Promise<Interrupted>> {
  const { scenario, operation, nth } = call;
  // Names of the same length: no name is the beginning of another.
  const endpoint = `${scenario.name}-${String(index).padStart(3, '0')}`;
  const start = await ScenarioRun.prepare(scenario, environment, endpoint);
  const faultId = environment.e2e.emulator.faults.add({
    operation,
    nth,
    kind: 'holdResponse',
    about: endpoint,
  });
  return async () => {
    const record = (await start()).finish();
    const interrupted = { call, record, faultId, isHeld: false, hasEnded: false };
    const end = () => void (interrupted.hasEnded = true);
    record.then(end, end);
    return interrupted;
  };
}

/** Resolves with true when the worker must be killed, with false when no more calls can come. */
async function waitForNextKill({ faults }: Emulator, all: Interrupted[]): Promise<boolean> {
  const waiting = all.filter(({ isHeld }) => !isHeld);
  let heldSince: number | null = null;
  while (waiting.some(({ isHeld, hasEnded }) => isHeld || !hasEnded)) {
    const armed = new Set(faults.list().map(({ id }) => id));
    for (const each of waiting) each.isHeld = !armed.has(each.faultId);
    if (waiting.some(({ isHeld }) => isHeld)) heldSince ??= Date.now();
    const isLong = heldSince !== null && Date.now() - heldSince > maxHoldMs;
    if (isLong || waiting.every(({ isHeld }) => isHeld)) return waiting.length > 0;
    await delay(50);
  }
  return false;
}
