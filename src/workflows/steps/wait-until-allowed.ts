/** Waits for the end of a pause or freeze before each change. Guardrails are active during the wait. */
import { condition } from '@temporalio/workflow';
import { continueAsNewIfNeeded, shouldContinueAsNew } from '../run/continue-as-new.js';
import type { RolloutContext } from '../run/context.js';
import { evaluateFreeze } from '../run/freeze.js';
import { isFresh } from '../run/fresh-check.js';
import { guardUntil } from '../monitoring/guard.js';
import { checkBeforeChange } from '../monitoring/last-check.js';

/** A verdict can change during a wait, so `check` follows each wait. It can take long too, so the waits follow it again. */
export async function waitUntilAllowed(
  run: RolloutContext,
  check: () => Promise<void> = () => checkBeforeChange(run),
): Promise<void> {
  const { cursor, weights } = run.state;
  for (;;) {
    await waitWhilePaused(run);
    await waitForFreezeEnd(run);
    if (!cursor.isCheckDue && (weights === null || isFresh(cursor, Date.now()))) return;
    if (weights !== null) await check();
    Object.assign(cursor, { isCheckDue: false, checkedAt: Date.now() });
  }
}

/** Checks also if there was no wait. */
export async function checkUntilAllowed(run: RolloutContext, check?: () => Promise<void>): Promise<void> {
  run.state.cursor.isCheckDue = true;
  await waitUntilAllowed(run, check);
}

async function waitWhilePaused(run: RolloutContext): Promise<void> {
  const { state } = run;
  if (!state.paused) return;
  state.cursor.isCheckDue = true;
  state.setWaitingFor('resume', null);
  await waitGuarded(run, () => !state.paused, null);
  state.pendingWait = null;
}

async function waitForFreezeEnd(run: RolloutContext): Promise<void> {
  const { state, notifications } = run;
  if (state.plan.freeze.length === 0) return;
  for (;;) {
    const answer = await evaluateFreeze(state);
    if (!answer.holds) break;
    state.cursor.isCheckDue = true;
    const until = answer.until === null ? null : Date.parse(answer.until);
    const reason = `frozen: ${answer.message}`;
    // Operators are notified once per reason.
    if (state.reason !== reason) {
      state.enterPhase('gated', reason);
      notifications.send('gate', reason);
    }
    state.setWaitingFor('the freeze to end', until);
    await waitGuarded(run, () => false, until);
  }
  state.pendingWait = null;
}

/** Waits until `isDone`, or until a time in milliseconds. Before the deployment there is nothing to guard. */
export async function waitGuarded(
  run: RolloutContext,
  isDone: () => boolean,
  until: number | null,
): Promise<void> {
  if (run.state.weights !== null) return guardUntil(run, isDone, until);
  const left = () => (until === null ? Infinity : until - Date.now());
  while (!isDone() && left() > 0) {
    continueAsNewIfNeeded(run);
    const isOver = () => isDone() || shouldContinueAsNew(run);
    await (until === null ? condition(isOver) : condition(isOver, left()));
  }
}
