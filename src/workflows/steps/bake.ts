/** Waits under guard: bakes and looks between them. Guardrails stay on through all of them. */
import type { WatchRequest } from '../../activities/interface/watch.js';
import type { RolloutContext } from '../run/context.js';
import { type RequiredKnowledge, withWatch } from '../monitoring/watch.js';

/** Watches until every planned window has passed, or a promote ends the bake early. Unknown holds. */
export async function runBake(run: RolloutContext, seconds: number): Promise<void> {
  const { state, control, checkpoints } = run;
  const bake = checkpoints.getOrCreate('bake', () => {
    state.enterPhase('baking', `watching the candidate ${describeShare(run)}`);
    state.setWaitingFor('every window of the bake to pass', Date.now() + seconds * 1000);
    control.clearStepPromotion();
    return { since: Date.now(), passed: false, waited: false };
  });
  await withWatch(run, { since: bake.since, seconds }, async (watch) => {
    while (!(bake.passed && !state.paused)) {
      const mode = modeOf(run, bake.passed);
      bake.waited ||= mode === 'guard';
      const report = await watch.round(mode, () => isRoundObsolete(run, mode));
      if (report?.kind === 'clear') bake.passed = true;
    }
  });
  // Passed, and then paused: what has come meanwhile was not waited for.
  if (bake.waited) await checkAlarmsAndDrift(run, 'allKnown');
  control.clearStepPromotion();
  state.release();
}

/**
 * A look between steps, at alarms and drift: there is no window to judge between two bakes. `firing only`: before the candidate has
 * any traffic its alarms cannot know anything yet, so only one that fires (or drift) counts. `everything known`: before
 * it takes over, no alarm may be unknown.
 */
export async function checkAlarmsAndDrift(run: RolloutContext, need: RequiredKnowledge): Promise<void> {
  const guardrails = run.state.plan.guardrails.filter((guardrail) => guardrail.kind === 'alarm');
  await withWatch(run, { since: Date.now(), seconds: 0, guardrails }, async (watch) => {
    for (;;) {
      const report = await watch.round('final', () => false, null, need);
      if (report?.kind === 'clear') return;
      if (report?.kind === 'undecided' && need === 'noAlarmFiring') return;
    }
  });
}

export function describeShare({ state }: RolloutContext): string {
  const { arrangement, weights } = state;
  return arrangement?.kind === 'shadow'
    ? `with copies of ${arrangement.mirrorPercent} % of the traffic`
    : `at ${weights?.candidate ?? 0} % of the traffic`;
}

/** A promotion that is paused waits under guard: one final look after another would not wait. */
export function modeOf({ state, control }: RolloutContext, isPassed: boolean): WatchRequest['mode'] {
  if (control.pendingPromotion && !state.paused) return 'final';
  return isPassed ? 'guard' : 'bake';
}

/** A round is dropped when a command changes what it should do. */
export function isRoundObsolete({ state, control }: RolloutContext, mode: WatchRequest['mode']): boolean {
  if (control.pendingPromotion && !state.paused) return mode !== 'final';
  return mode === 'guard' && !state.paused;
}
