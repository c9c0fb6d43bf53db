/** Bakes, and checks between them. Guardrails are active in both. */
import type { WatchRequest } from '../../activities/interface/watch.js';
import type { RolloutContext } from '../run/context.js';
import { type RequiredKnowledge, withWatch } from '../monitoring/watch.js';

/** Watches until every window has passed, or a promote ends the bake early. Holds on unknown. */
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
  // The bake passed during a pause. A verdict can have changed since.
  if (bake.waited) await checkAlarmsAndDrift(run, 'allKnown');
  control.clearStepPromotion();
  state.release();
}

/**
 * Checks alarms and drift once. Between two bakes there is no window to evaluate. `noAlarmFiring`: for a candidate
 * without traffic, whose alarms have no data, so that only a firing alarm and drift count. `allKnown`: no alarm may
 * be unknown.
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

/** A promote during a pause takes effect after the pause. Until then the mode is `guard`, which waits. */
export function modeOf({ state, control }: RolloutContext, isPassed: boolean): WatchRequest['mode'] {
  if (control.pendingPromotion && !state.paused) return 'final';
  return isPassed ? 'guard' : 'bake';
}

/** Whether a command has changed the mode that the running round should have. */
export function isRoundObsolete({ state, control }: RolloutContext, mode: WatchRequest['mode']): boolean {
  if (control.pendingPromotion && !state.paused) return mode !== 'final';
  return mode === 'guard' && !state.paused;
}
