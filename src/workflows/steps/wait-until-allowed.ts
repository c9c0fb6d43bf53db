/** Waits for the end of a pause or freeze before each change. Guardrails are active during the wait. */
import { condition } from '@temporalio/workflow';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import { checkAlarmsAndDrift } from './bake.js';
import { shouldContinueAsNew, continueAsNewIfNeeded } from '../run/continue-as-new.js';
import type { RolloutContext } from '../run/context.js';
import { type RequiredKnowledge, withWatch } from '../monitoring/watch.js';

/**
 * Returns whether it had to wait. A verdict can change during a wait, so `checkAgain` runs after it once the
 * candidate has had user traffic. That check can take long too, so pause and freeze are tested again after it.
 */
export async function waitUntilAllowed(
  run: RolloutContext,
  checkAgain: () => Promise<void> = () => checkAlarmsAndDrift(run, 'allKnown'),
): Promise<boolean> {
  const { state, checkpoints } = run;
  const waits = checkpoints.getOrCreate<Waits>('waits', () => ({ sinceLastCheck: false, ever: false }));
  for (;;) {
    await waitWhilePaused(run, waits);
    await waitForFreezeEnd(run, waits);
    if (!waits.sinceLastCheck) break;
    if (state.trafficMoved) await checkAgain();
    waits.sinceLastCheck = false;
  }
  checkpoints.clear('waits');
  return waits.ever;
}

/** Repeats the check until there was no wait after it. */
export async function checkUntilAllowed(
  run: RolloutContext,
  need: RequiredKnowledge,
  checkAgain?: () => Promise<void>,
): Promise<void> {
  do await checkAlarmsAndDrift(run, need);
  while (await waitUntilAllowed(run, checkAgain));
}

/** Kept over the runs of one rollout. */
interface Waits {
  sinceLastCheck: boolean;
  ever: boolean;
}

function recordWait(waits: Waits): void {
  waits.sinceLastCheck = waits.ever = true;
}

async function waitWhilePaused(run: RolloutContext, waits: Waits): Promise<void> {
  const { state } = run;
  if (!state.paused) return;
  recordWait(waits);
  state.setWaitingFor('resume', null);
  await monitorUntil(run, () => !state.paused, null);
  state.pendingWait = null;
}

/** Evaluates the calendar in an activity: its rules need time zones, which are not deterministic in a workflow. */
async function waitForFreezeEnd(run: RolloutContext, waits: Waits): Promise<void> {
  const { state, notifications } = run;
  const rules = state.plan.freeze;
  if (rules.length === 0) return;
  for (;;) {
    const { evaluateCalendar } = proxyRolloutActivities({
      scheduleToCloseSeconds: null,
      summary: 'check the freeze windows',
    });
    const answer = await evaluateCalendar({ rules });
    if (!answer.holds) break;
    recordWait(waits);
    const until = answer.until === null ? null : Date.parse(answer.until);
    const reason = `frozen: ${answer.message}`;
    // Operators are notified once per reason.
    if (state.reason !== reason) {
      state.enterPhase('gated', reason);
      notifications.send('gate', reason);
    }
    state.setWaitingFor('the freeze to end', until);
    await monitorUntil(run, () => false, until);
  }
  state.pendingWait = null;
}

/**
 * Waits until `isDone`, or until a time in milliseconds. Guardrails are active as soon as the candidate has had user
 * traffic.
 */
export async function monitorUntil(
  run: RolloutContext,
  isDone: () => boolean,
  until: number | null,
): Promise<void> {
  const left = () => (until === null ? Infinity : until - Date.now());
  if (!run.state.trafficMoved) {
    while (!isDone() && left() > 0) {
      continueAsNewIfNeeded(run);
      const isOver = () => isDone() || shouldContinueAsNew(run);
      await (until === null ? condition(isOver) : condition(isOver, left()));
    }
    return;
  }
  await withWatch(run, { since: Date.now(), seconds: 0 }, async (watch) => {
    while (!isDone() && left() > 0) {
      await watch.round('guard', isDone, until);
    }
  });
}
