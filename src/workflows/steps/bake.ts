/** Bakes, and checks between them. Guardrails are active in both. */
import type { WatchRequest } from '../../activities/interface/watch.js';
import { guardrailsInUse } from '../monitoring/applicable-guardrails.js';
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
  if (bake.waited) await checkBeforeChange(run, 'allKnown');
  control.clearStepPromotion();
  state.release();
}

/** Bakes and waits have judged what was before. The span is longer if a bound has a longer window. */
const recentSeconds = 3_600;

/**
 * Checks alarms, drift, and the bounds on the requests that the candidate has had recently. `noAlarmFiring`: for a
 * candidate without traffic, whose alarms have no data, so that only a firing alarm and drift count. `allKnown`: no alarm
 * may be unknown.
 */
export async function checkBeforeChange(run: RolloutContext, need: RequiredKnowledge): Promise<void> {
  const { trafficSince } = run.state;
  const { guardrails } = run.state.plan;
  const windows = guardrails.flatMap((each) => (each.kind === 'bound' ? [each.windowSeconds] : []));
  const recentMs = Math.max(recentSeconds, ...windows) * 1000;
  const since = Math.max(trafficSince ?? Date.now(), Date.now() - recentMs);
  const target = {
    since,
    seconds: 0,
    get guardrails() {
      return guardrailsInUse(run).filter(({ kind }) => kind !== 'comparison');
    },
  };
  await withWatch(run, target, async (watch) => {
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
