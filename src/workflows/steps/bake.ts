/** Bakes: watches one share of the traffic before the next one. */
import type { WatchReport } from '../../activities/interface/watch.js';
import type { RolloutContext } from '../run/context.js';
import type { BakeStep } from '../state/cursor.js';
import { type Watch, withWatch } from '../monitoring/watch.js';
import { waitUntilAllowed } from './wait-until-allowed.js';

/** Watches until every window has passed, or a promote ends the bake early. Holds on unknown. */
export async function runBake(run: RolloutContext, step: BakeStep): Promise<void> {
  const { state, control } = run;
  if (step.part === 'before') {
    state.enterPhase('baking', `watching the candidate ${describeShare(run)}`);
    state.setWaitingFor('every window of the bake to pass', Date.now() + step.seconds * 1000);
    control.clearStepPromotion();
    state.beginPart(step, 'watching');
  }
  if (step.part === 'watching') {
    await watchUntilPassed(run, step.seconds);
    state.beginPart(step, 'passed');
  }
  if (state.paused) await waitUntilAllowed(run);
  control.clearStepPromotion();
  state.release();
}

async function watchUntilPassed(run: RolloutContext, seconds: number): Promise<void> {
  const { since } = run.state.cursor;
  await withWatch(run, { mode: 'baking', need: 'allKnown', since, seconds }, async (watch) => {
    while ((await bakeRound(run, watch))?.kind !== 'clear');
  });
}

/** A promote makes the round the last check. */
export function bakeRound(
  run: RolloutContext,
  watch: Watch,
  noLaterThan: number | null = null,
): Promise<WatchReport | null> {
  const isLast = endsEarly(run);
  watch.enter(isLast ? 'lastCheck' : 'baking');
  return watch.round(() => !isLast && endsEarly(run), noLaterThan);
}

/** A promote during a pause takes effect after the pause. */
export function endsEarly({ state, control }: RolloutContext): boolean {
  return control.pendingPromotion !== null && !state.paused;
}

export function describeShare({ state }: RolloutContext): string {
  const { arrangement, weights } = state;
  return arrangement?.kind === 'shadow'
    ? `with copies of ${arrangement.mirrorPercent} % of the traffic`
    : `at ${weights?.candidate ?? 0} % of the traffic`;
}
