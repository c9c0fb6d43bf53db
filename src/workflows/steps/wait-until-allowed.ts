/** What every step waits for before it moves anything: no pause, no freeze. Guardrails watch meanwhile. */
import { condition } from '@temporalio/workflow';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import { checkAlarmsAndDrift } from './bake.js';
import { shouldContinueAsNew, continueAsNewIfNeeded } from '../run/continue-as-new.js';
import type { RolloutContext } from '../run/context.js';
import { type RequiredKnowledge, withWatch } from '../monitoring/watch.js';

/**
 * Returns whether there was anything to wait for. What was known before is not known after a wait: `lookAgain` finds out,
 * once users have met the candidate, and that may take its time as well.
 */
export async function waitUntilAllowed(
  run: RolloutContext,
  lookAgain: () => Promise<void> = () => checkAlarmsAndDrift(run, 'allKnown'),
): Promise<boolean> {
  const { state, checkpoints } = run;
  const waits = checkpoints.getOrCreate<Waits>('waits', () => ({ sinceTheLook: false, ever: false }));
  for (;;) {
    await waitWhilePaused(run, waits);
    await waitForFreezeEnd(run, waits);
    if (!waits.sinceTheLook) break;
    if (state.trafficMoved) await lookAgain();
    waits.sinceTheLook = false;
  }
  checkpoints.clear('waits');
  return waits.ever;
}

/** Until the last look was one after which nothing had to be waited for. */
export async function checkUntilAllowed(
  run: RolloutContext,
  need: RequiredKnowledge,
  lookAgain?: () => Promise<void>,
): Promise<void> {
  do await checkAlarmsAndDrift(run, need);
  while (await waitUntilAllowed(run, lookAgain));
}

/** Kept over the runs of one rollout. */
interface Waits {
  sinceTheLook: boolean;
  ever: boolean;
}

function noteWait(waits: Waits): void {
  waits.sinceTheLook = waits.ever = true;
}

async function waitWhilePaused(run: RolloutContext, waits: Waits): Promise<void> {
  const { state } = run;
  if (!state.paused) return;
  noteWait(waits);
  state.setWaitingFor('resume', null);
  await monitorUntil(run, () => !state.paused, null);
  state.pendingWait = null;
}

/** Asks for the calendar each time: its rules need time zones, which a workflow must not read. */
async function waitForFreezeEnd(run: RolloutContext, waits: Waits): Promise<void> {
  const { state, notifications } = run;
  const rules = state.plan.freeze;
  if (rules.length === 0) return;
  for (;;) {
    const { evaluateCalendar } = proxyRolloutActivities({
      scheduleToCloseSeconds: null,
      summary: 'is anything frozen now?',
    });
    const answer = await evaluateCalendar({ rules });
    if (!answer.holds) break;
    noteWait(waits);
    const until = answer.until === null ? null : Date.parse(answer.until);
    const reason = `frozen: ${answer.message}`;
    // Said again only where it is something else.
    if (state.reason !== reason) {
      state.enterPhase('gated', reason);
      notifications.send('gate', reason);
    }
    state.setWaitingFor('the freeze to end', until);
    await monitorUntil(run, () => false, until);
  }
  state.pendingWait = null;
}

/** Waits until it is so, or until the time (milliseconds); from the first user's request on, the guardrails watch. */
export async function monitorUntil(
  run: RolloutContext,
  isSo: () => boolean,
  until: number | null,
): Promise<void> {
  const left = () => (until === null ? Infinity : until - Date.now());
  if (!run.state.trafficMoved) {
    while (!isSo() && left() > 0) {
      continueAsNewIfNeeded(run);
      const isOver = () => isSo() || shouldContinueAsNew(run);
      await (until === null ? condition(isOver) : condition(isOver, left()));
    }
    return;
  }
  await withWatch(run, { since: Date.now(), seconds: 0 }, async (watch) => {
    while (!isSo() && left() > 0) {
      await watch.round('guard', isSo, until);
    }
  });
}
