/** What every step waits for before it moves anything: no pause, no freeze. Guardrails watch meanwhile. */
import { condition } from '@temporalio/workflow';
import { activities } from '../temporal/activity-proxy.js';
import { lookOnceMore } from './bake.js';
import { isHistoryLong, turnPage } from '../run/continue-as-new.js';
import type { Rollout } from '../run/context.js';
import { type Need, watching } from '../monitoring/watch.js';

/**
 * Returns whether there was anything to wait for. What was known before is not known after a wait: `lookAgain` finds out,
 * once users have met the candidate, and that may take its time as well.
 */
export async function mayAdvance(
  run: Rollout,
  lookAgain: () => Promise<void> = () => lookOnceMore(run, 'everything known'),
): Promise<boolean> {
  const { state, memory } = run;
  const waits = memory.keep<Waits>('waits', () => ({ sinceTheLook: false, ever: false }));
  for (;;) {
    await waitWhilePaused(run, waits);
    await waitOutFreeze(run, waits);
    if (!waits.sinceTheLook) break;
    if (state.trafficMoved) await lookAgain();
    waits.sinceTheLook = false;
  }
  memory.forget('waits');
  return waits.ever;
}

/** Until the last look was one after which nothing had to be waited for. */
export async function lookWhileItMayAdvance(
  run: Rollout,
  need: Need,
  lookAgain?: () => Promise<void>,
): Promise<void> {
  do await lookOnceMore(run, need);
  while (await mayAdvance(run, lookAgain));
}

/** Kept over the runs of one rollout. */
interface Waits {
  sinceTheLook: boolean;
  ever: boolean;
}

function noteWait(waits: Waits): void {
  waits.sinceTheLook = waits.ever = true;
}

async function waitWhilePaused(run: Rollout, waits: Waits): Promise<void> {
  const { state } = run;
  if (!state.paused) return;
  noteWait(waits);
  state.await('resume', null);
  await guardUntil(run, () => !state.paused, null);
  state.awaited = null;
}

/** Asks for the calendar each time: its rules need time zones, which a workflow must not read. */
async function waitOutFreeze(run: Rollout, waits: Waits): Promise<void> {
  const { state, notices } = run;
  const rules = state.frozen.freeze;
  if (rules.length === 0) return;
  for (;;) {
    const { consultCalendar } = activities({ within: null, summary: 'is anything frozen now?' });
    const answer = await consultCalendar({ rules });
    if (!answer.holds) break;
    noteWait(waits);
    const until = answer.until === null ? null : Date.parse(answer.until);
    const reason = `frozen: ${answer.sentence}`;
    // Said again only where it is something else.
    if (state.reason !== reason) {
      state.enter('gated', reason);
      notices.send('gate', reason);
    }
    state.await('the freeze to end', until);
    await guardUntil(run, () => false, until);
  }
  state.awaited = null;
}

/** Waits until it is so, or until the time (milliseconds); from the first user's request on, the guardrails watch. */
export async function guardUntil(run: Rollout, isSo: () => boolean, until: number | null): Promise<void> {
  const left = () => (until === null ? Infinity : until - Date.now());
  if (!run.state.trafficMoved) {
    while (!isSo() && left() > 0) {
      turnPage(run);
      const isOver = () => isSo() || isHistoryLong(run);
      await (until === null ? condition(isOver) : condition(isOver, left()));
    }
    return;
  }
  await watching(run, { since: Date.now(), seconds: 0 }, async (watch) => {
    while (!isSo() && left() > 0) {
      await watch.round('guard', isSo, until);
    }
  });
}
