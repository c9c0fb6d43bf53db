/** Watches a split until the goals decide. A fixed split and an adaptive split have the same rules of decision. */
import type { WatchReport } from '../../activities/interface/watch.js';
import { activityTimeouts } from '../../plan/schedule/timeouts.js';
import { remainderOf } from '../../plan/units/percents.js';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import { waitUntilAllowed } from './wait-until-allowed.js';
import { bakeRound, describeShare } from './bake.js';
import type { RolloutContext } from '../run/context.js';
import type { ExperimentStep } from '../state/cursor.js';
import { RolloutStopped } from '../temporal/stop.js';
import { shiftTraffic } from './shift-traffic.js';
import { decideInconclusive } from '../monitoring/policy.js';
import { withWatch } from '../monitoring/watch.js';

/** Returns when the candidate is to be promoted: by its goals, by an operator, or by `onInconclusive: promote`. */
export async function runExperiment(run: RolloutContext, step: ExperimentStep): Promise<void> {
  const { control, state } = run;
  if (step.part === 'before') {
    control.clearStepPromotion();
    beginSplit(run, step);
  }
  while (step.part !== 'won') {
    if (step.part === 'testing') await testSplit(run, step);
    else await adaptSplit(run, step);
  }
  if (state.paused) await waitUntilAllowed(run);
  control.clearStepPromotion();
  state.release();
}

/** Milliseconds, workflow time. */
function endOf({ began, maximumSeconds }: ExperimentStep): number {
  return began + maximumSeconds * 1000;
}

function beginSplit(run: RolloutContext, step: ExperimentStep): void {
  const { state } = run;
  state.enterPhase('baking', `testing the candidate ${describeShare(run)}`);
  state.setWaitingFor('the goals to decide', endOf(step));
  state.beginPart(step, 'testing');
}

/** Watches one split until the candidate has won or the next split is due. */
async function testSplit(run: RolloutContext, step: ExperimentStep): Promise<void> {
  const { state } = run;
  const { began, minimumSeconds, adapt } = step;
  const ends = endOf(step);
  const staysUntil = adapt === null ? ends : Math.min(ends, state.cursor.since + adapt.everySeconds * 1000);
  const since = state.trafficSince ?? state.cursor.since;
  const seconds = Math.max(0, Math.ceil((began + minimumSeconds * 1000 - since) / 1000));
  const { goals } = state.plan;
  // Under the same split, windows of guardrails can be longer than its period.
  state.cursor.watch ??= step.watch;
  step.watch = null;
  await withWatch(run, { mode: 'baking', need: 'allKnown', since, seconds, goals }, async (watch) => {
    for (;;) {
      const until = Date.now() < staysUntil ? staysUntil : overdueUntil(step, ends);
      const report = await bakeRound(run, watch, until);
      if (!report || report.kind === 'drift') continue;
      if (report.kind === 'clear') return state.beginPart(step, 'won');
      if (Date.now() >= ends) {
        if (resolveInconclusive(run, report)) return state.beginPart(step, 'won');
      } else if (Date.now() >= staysUntil && state.hold === null) {
        // While something is unknown, the split does not change.
        step.watch = state.cursor.watch;
        return state.beginPart(step, 'adapting');
      }
    }
  });
}

/** End of a round after the split was due to change: one more period. Null: as long as a hold. */
function overdueUntil({ adapt }: ExperimentStep, ends: number): number | null {
  return adapt === null || Date.now() >= ends ? null : Math.min(ends, Date.now() + adapt.everySeconds * 1000);
}

/** The maximum time is over. Returns whether that promotes. */
function resolveInconclusive({ state, notifications }: RolloutContext, report: WatchReport): boolean {
  const decision = decideInconclusive(state.hold, report, state.plan);
  switch (decision.kind) {
    case 'rollBack':
      throw new RolloutStopped({ kind: 'inconclusive', message: decision.message });
    case 'promote':
      state.addTimelineEntry({ kind: 'decision', message: decision.message });
      return true;
    case 'hold':
      state.startHold({ reason: 'inconclusive', message: decision.message }, null);
      notifications.send('hold', decision.message);
      return false;
    case 'keepHolding':
      return false;
  }
}

/** A new split is not a verdict. It sends fewer users to the arm that does worse so far. */
async function adaptSplit(run: RolloutContext, step: ExperimentStep): Promise<void> {
  const { state } = run;
  const { adapt } = step;
  if (adapt !== null) {
    await waitUntilAllowed(run);
    const { chooseSplit } = proxyRolloutActivities({
      scheduleToCloseSeconds: activityTimeouts.modelChange,
      summary: 'choose the next split',
    });
    const { share, message } = await chooseSplit({
      goals: state.plan.goals,
      comparisons: state.comparisons,
      adapt,
      share: state.weights?.candidate ?? 0,
    });
    state.addTimelineEntry({ kind: 'decision', message });
    if (share !== state.weights?.candidate) {
      await shiftTraffic(run, { baseline: remainderOf(share), candidate: share });
      step.watch = null;
    }
  }
  beginSplit(run, step);
}
