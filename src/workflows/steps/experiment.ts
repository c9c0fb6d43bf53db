/** Watches a split until the goals decide. A fixed split and an adaptive split have the same rules of decision. */
import type { WatchReport } from '../../activities/interface/watch.js';
import { activityTimeouts } from '../../plan/schedule/timeouts.js';
import { remainderOf } from '../../plan/units/percents.js';
import type { Adaptation, Experiment } from '../../plan/compiled/step.js';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import { waitUntilAllowed } from './wait-until-allowed.js';
import { describeShare, checkBeforeChange, modeOf, isRoundObsolete } from './bake.js';
import type { RolloutContext } from '../run/context.js';
import { RolloutStopped } from '../temporal/stop.js';
import { shiftTraffic } from './shift-traffic.js';
import { decideInconclusive } from '../monitoring/policy.js';
import { withKeptWatch } from '../monitoring/watch.js';

/** Returns when the candidate is to be promoted: by its goals, by an operator, or by `onInconclusive: promote`. */
export async function runExperiment(run: RolloutContext, step: Experiment): Promise<void> {
  const { control, state, checkpoints } = run;
  const times = checkpoints.getOrCreate('experiment', () => {
    control.clearStepPromotion();
    return { began: Date.now(), ends: Date.now() + step.maximumSeconds * 1000 };
  });
  for (;;) {
    const decided = await watchSplit(run, step, times);
    if (decided) break;
    const { trafficSince } = state;
    if (step.adapt !== null) await adaptSplit(run, step.adapt);
    checkpoints.clear('split');
    // Under the same split, windows of guardrails can be longer than its period.
    if (state.trafficSince !== trafficSince) checkpoints.clear(watchOfSplit);
  }
  checkpoints.clear(watchOfSplit);
  control.clearStepPromotion();
  state.release();
}

const watchOfSplit = 'watch of the split';

/** Milliseconds, workflow time. */
interface ExperimentTimes {
  began: number;
  ends: number;
}

/** Watches one split. True if the candidate is to be promoted, false if the next split is due. */
async function watchSplit(
  run: RolloutContext,
  step: Experiment,
  { began, ends }: ExperimentTimes,
): Promise<boolean> {
  const { state, checkpoints } = run;
  const split = checkpoints.getOrCreate('split', () => {
    state.enterPhase('baking', `testing the candidate ${describeShare(run)}`);
    state.setWaitingFor('the goals to decide', ends);
    const staysUntil =
      step.adapt === null ? ends : Math.min(ends, Date.now() + step.adapt.everySeconds * 1000);
    return { since: state.trafficSince ?? Date.now(), staysUntil, won: false, isOver: false, waited: false };
  });
  const { since, staysUntil } = split;
  const decidesAfter = began + step.minimumSeconds * 1000;
  const seconds = Math.max(0, Math.ceil((decidesAfter - since) / 1000));
  await withKeptWatch(run, watchOfSplit, { since, seconds, goals: state.plan.goals }, async (watch) => {
    while (!split.isOver && !(split.won && !state.paused)) {
      const mode = modeOf(run, split.won);
      split.waited ||= mode === 'guard';
      const until = Date.now() < staysUntil ? staysUntil : overdueUntil(step, ends);
      const report = await watch.round(mode, () => isRoundObsolete(run, mode), until);
      if (report?.kind === 'clear') split.won = true;
      else if (!report || report.kind === 'drift') continue;
      else if (Date.now() >= ends) split.won = resolveInconclusive(run, report);
      // While something is unknown, the split does not change.
      else split.isOver = Date.now() >= staysUntil && state.hold === null;
    }
  });
  if (split.won && split.waited) await checkBeforeChange(run, 'allKnown');
  return split.won;
}

/** End of a round after the split was due to change: one more period. Null: as long as a hold. */
function overdueUntil({ adapt }: Experiment, ends: number): number | null {
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
async function adaptSplit(run: RolloutContext, adapt: Adaptation): Promise<void> {
  const { state } = run;
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
  if (share === state.weights?.candidate) return;
  await shiftTraffic(run, { baseline: remainderOf(share), candidate: share });
}
