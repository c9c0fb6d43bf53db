/** Changes of the endpoint: guardrails stay active during a change, and a blocked change holds. */
import { CancellationScope, condition } from '@temporalio/workflow';
import type { Plan } from '../../plan/compiled/plan.js';
import { continueAsNewIfNeeded, shouldContinueAsNew } from '../run/continue-as-new.js';
import type { RolloutContext } from '../run/context.js';
import { endedAtFreeze, evaluateFreeze } from '../run/freeze.js';
import { failureOf } from '../temporal/stop.js';
import { wasCancelled } from '../temporal/activity-proxy.js';
import { hadNoWorker } from '../temporal/unanswered.js';
import { guardChange } from './guard.js';
import { checkDuringChange } from './last-check.js';
import { recordSuccess } from '../state/obstacles.js';
import { notifyObstacle } from './notify-obstacle.js';
import { isBlocking } from './obstacle.js';

/** A shorter change ends before a watch could report. */
const watchAfterSeconds = 5;
const firstPauseSeconds = 15;
const maxPauseSeconds = 900;

/**
 * Runs `attempt` until AWS has carried it out. Throws the failure if it is a danger for users, if no further attempt can
 * help, or if `onBlocked` says so.
 */
export async function change<T>(run: RolloutContext, attempt: () => Promise<T>): Promise<T> {
  for (let isRepeated = false; ; isRepeated = true) {
    try {
      return await guardWhile(run, async () => {
        if (isRepeated) await waitWhileForbidden(run);
        return repeatWhileBlocked(run, attempt);
      });
    } catch (error) {
      // The next attempt finds out whether the change has taken effect.
      if (!hadNoWorker(error)) throw error;
    }
    // The first request for traffic can have had no effect: then the candidate has no users, and its alarms have no data.
    await checkDuringChange(run, run.state.trafficSince === null ? 'allRead' : 'allKnown');
  }
}

/** Users of the candidate are guarded during the work too. A failed guardrail cancels it. */
export async function guardWhile<T>(run: RolloutContext, work: () => Promise<T>): Promise<T> {
  if (!run.state.trafficMoved) return work();
  const progress = { isOver: false };
  const working = new CancellationScope();
  const worked = working.run(work).finally(() => (progress.isOver = true));
  // The watch ends first, and the failure is thrown below.
  worked.catch(() => undefined);
  try {
    if (await condition(() => progress.isOver, watchAfterSeconds * 1000)) return await worked;
    await guardChange(run, () => progress.isOver);
  } catch (error) {
    working.cancel();
    await worked.catch(() => undefined);
    throw error;
  }
  return worked;
}

/** Milliseconds; null: a blocked change has no end. */
function endOf(since: number, { onBlocked }: Pick<Plan, 'onBlocked'>): number | null {
  return onBlocked.kind === 'rollBack' ? since + onBlocked.afterSeconds * 1000 : null;
}

/** Temporal retries inside an attempt, with pauses. A `retry` command begins a new one. Null: it did. */
async function attemptUntilRetry<T>(run: RolloutContext, attempt: () => Promise<T>): Promise<T | null> {
  const { control, forward } = run;
  const seen = control.retries;
  control.isAttempting = true;
  try {
    return await forward.runInterruptible(attempt, () => control.retries > seen);
  } finally {
    control.isAttempting = false;
  }
}

async function repeatWhileBlocked<T>(run: RolloutContext, attempt: () => Promise<T>): Promise<T> {
  const { state, forward } = run;
  const { cursor } = state;
  let hasFullTime = true;
  for (let pause = firstPauseSeconds; ; pause = Math.min(pause * 2, maxPauseSeconds)) {
    const beganMs = Date.now();
    try {
      const result = await attemptUntilRetry(run, attempt);
      if (result === null) continue;
      if (state.hold?.reason === 'blocked') state.release();
      cursor.blockedSince = null;
      state.obstacles = recordSuccess(state.obstacles, 'change');
      return result;
    } catch (error) {
      const cause = wasCancelled(error) ? null : failureOf(error);
      if (!cause) throw error;
      if (cause.type === 'Frozen') {
        await forward.sleepUntilRetry(firstPauseSeconds * 1000);
        await waitWhileForbidden(run);
        continue;
      }
      if (endedAtFreeze(state, cause.type)) {
        state.freezeBegins = null;
        continue;
      }
      if (hadNoWorker(error)) throw error;
      // AWS accepted the change late: the next attempt has the whole time to verify it.
      if (cause.type === 'TimedOut' && !hasFullTime) {
        hasFullTime = true;
        continue;
      }
      if (!isBlocking(cause.type, { isDeployed: state.weights !== null })) throw error;
      hasFullTime = false;
      cursor.blockedSince ??= Date.now();
      const ends = endOf(cursor.blockedSince, state.plan);
      if (ends !== null && Date.now() >= ends) throw error;
      const message = `AWS did not carry out a change, and the rollout repeats it: ${cause.message}`;
      state.startHold({ reason: 'blocked', message }, ends === null ? null : new Date(ends).toISOString());
      notifyObstacle(run, { work: 'change', cause: cause.type }, { message, beganMs });
      await forward.sleepUntilRetry(Math.min(pause * 1000, (ends ?? Infinity) - Date.now()));
      await waitWhileForbidden(run);
    }
  }
}

/** A pause or a freeze can begin between two attempts. Users are guarded by the watch beside the change. */
export async function waitWhileForbidden(run: RolloutContext): Promise<void> {
  const { state } = run;
  const { freeze } = state.plan;
  for (;;) {
    continueAsNewIfNeeded(run);
    if (state.paused) {
      await condition(() => !state.paused || shouldContinueAsNew(run));
      continue;
    }
    if (freeze.length === 0) return;
    const { holds, until } = await evaluateFreeze(state);
    if (!holds && !state.paused) return;
    if (holds) state.setWaitingFor('the freeze to end', until === null ? null : Date.parse(until));
    const isOver = () => state.paused || shouldContinueAsNew(run);
    if (holds && until === null) await condition(isOver);
    else if (holds && until !== null) await condition(isOver, Math.max(1, Date.parse(until) - Date.now()));
  }
}
