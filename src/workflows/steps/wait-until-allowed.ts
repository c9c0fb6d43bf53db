/** Waits for the end of a pause or freeze before each change. Guardrails are active during the wait. */
import { condition } from '@temporalio/workflow';
import { evaluateCalendarNow } from '../temporal/calendar.js';
import { checkBeforeChange } from './bake.js';
import { shouldContinueAsNew, continueAsNewIfNeeded } from '../run/continue-as-new.js';
import type { RolloutContext } from '../run/context.js';
import { guardrailsInUse } from '../monitoring/applicable-guardrails.js';
import { type RequiredKnowledge, withWatch } from '../monitoring/watch.js';

/**
 * Returns whether it had to wait. A verdict can change during a wait, so `checkAgain` runs after it once the
 * candidate has had user traffic. That check can take long too, so pause and freeze are tested again after it.
 */
export async function waitUntilAllowed(
  run: RolloutContext,
  checkAgain: () => Promise<void> = () => checkBeforeChange(run, 'allKnown'),
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
  do await checkBeforeChange(run, need);
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

async function waitForFreezeEnd(run: RolloutContext, waits: Waits): Promise<void> {
  const { state, notifications } = run;
  const rules = state.plan.freeze;
  if (rules.length === 0) return;
  for (;;) {
    const answer = await evaluateCalendarNow(rules, 'check the freeze windows');
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
 * Waits until `isDone`, or until a time in milliseconds. Guardrails are active as soon as the candidate is deployed:
 * someone else can give it users. Before the rollout does, a guardrail without data is no reason to hold.
 */
export async function monitorUntil(
  run: RolloutContext,
  isDone: () => boolean,
  until: number | null,
): Promise<void> {
  const left = () => (until === null ? Infinity : until - Date.now());
  const { weights, trafficMoved } = run.state;
  if (weights === null) {
    while (!isDone() && left() > 0) {
      continueAsNewIfNeeded(run);
      const isOver = () => isDone() || shouldContinueAsNew(run);
      await (until === null ? condition(isOver) : condition(isOver, left()));
    }
    return;
  }
  const target = {
    since: Date.now(),
    seconds: 0,
    get guardrails() {
      return guardrailsInUse(run);
    },
  };
  await withWatch(run, target, async (watch) => {
    while (!isDone() && left() > 0) {
      await watch.round('guard', isDone, until, trafficMoved ? 'allKnown' : 'noAlarmFiring');
    }
  });
}
