/** A worker that is killed between an effect and its record: AWS has done what it was asked for, and the answer never comes. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Emulator } from '../../../src/emulator/emulator.js';
import { WorkerKillEnvironment } from './worker-kill-environment.js';
import { Play, type RunRecord } from './run-scenario.js';
import type { Scenario } from './run-scenario.js';

/** The nth call of an operation that the rollout of the story makes. */
export interface Call {
  story: Scenario;
  operation: string;
  nth: number;
}

/** All with an effect that a story makes. */
export function callsOf(story: Scenario): Call[] {
  return Object.entries(story.effects).flatMap(([operation, times]) =>
    Array.from({ length: times }, (_, i) => ({ story, operation, nth: i + 1 })),
  );
}

export interface Interrupted {
  call: Call;
  course: Promise<RunRecord>;
  /** Whether the rollout has made the call. */
  isHeld: boolean;
  hasEnded: boolean;
  faultId: number;
}

/** The server gives an attempt of an activity up after 60 s. Its worker must be dead before that. */
const longestHoldMs = 40_000;

/**
 * One rollout a call, all at once, with one worker. It is killed when every call is held; where some come much later than
 * others, also before that. Calls of stories with the same durations.
 */
export function playKilledInCalls(calls: Call[]): Promise<Interrupted[]> {
  return WorkerKillEnvironment.play(async (stage) => {
    let worker = await stage.startWorker();
    const starts = await Promise.all(calls.map((call, i) => prepare(stage, call, i)));
    const interrupted = await Promise.all(starts.map((start) => start()));
    while (await untilWorkerMustDie(stage.stage.emulator, interrupted)) {
      await worker.kill();
      worker = await stage.startWorker();
    }
    await Promise.allSettled(interrupted.map(({ course }) => course));
    return interrupted;
  }, calls[0]?.story.durations);
}

async function prepare(
  stage: WorkerKillEnvironment,
  call: Call,
  index: number,
): Promise<() => Promise<Interrupted>> {
  const { story, operation, nth } = call;
  // Of the same length, so that none begins with another.
  const endpoint = `${story.name}-${String(index).padStart(3, '0')}`;
  const start = await Play.prepare(story, stage, endpoint);
  const faultId = stage.stage.emulator.faults.add({ operation, nth, kind: 'holdResponse', about: endpoint });
  return async () => {
    const course = (await start()).course();
    const interrupted = { call, course, faultId, isHeld: false, hasEnded: false };
    const end = () => void (interrupted.hasEnded = true);
    course.then(end, end);
    return interrupted;
  };
}

/** False when no call is left that may still come. */
async function untilWorkerMustDie({ faults }: Emulator, all: Interrupted[]): Promise<boolean> {
  const waiting = all.filter(({ isHeld }) => !isHeld);
  let heldSince: number | null = null;
  while (waiting.some(({ isHeld, hasEnded }) => isHeld || !hasEnded)) {
    const armed = new Set(faults.list().map(({ id }) => id));
    for (const each of waiting) each.isHeld = !armed.has(each.faultId);
    if (waiting.some(({ isHeld }) => isHeld)) heldSince ??= Date.now();
    const isLong = heldSince !== null && Date.now() - heldSince > longestHoldMs;
    if (isLong || waiting.every(({ isHeld }) => isHeld)) return waiting.length > 0;
    await delay(50);
  }
  return false;
}
