/** Watches a split until the goals decide. What decides is the same whether the split stays or adapts. */
import type { WatchReport } from '../../activities/interface/watch.js';
import { allowedSeconds } from '../../plan/schedule/timeouts.js';
import { remainderOf } from '../../plan/units/percents.js';
import type { Adaptation, Experiment } from '../../plan/compiled/step.js';
import { activities } from '../temporal/activity-proxy.js';
import { mayAdvance } from './wait-until-allowed.js';
import { atItsShare, lookOnceMore, modeOf, wantsAttention } from './bake.js';
import type { Rollout } from '../run/context.js';
import { RolloutStopped } from '../temporal/stop.js';
import { shiftTraffic } from './shift-traffic.js';
import { decideInconclusive } from '../monitoring/policy.js';
import { watching } from '../monitoring/watch.js';

/** Returns when the candidate is to be promoted: its goals say so, a person does, or the spec where they say nothing. */
export async function experiment(run: Rollout, step: Experiment): Promise<void> {
  const { control, state, memory } = run;
  const times = memory.keep('experiment', () => {
    control.forgetStepPromotion();
    return { began: Date.now(), ends: Date.now() + step.maximumSeconds * 1000 };
  });
  for (;;) {
    const decided = await watchSplit(run, step, times);
    if (decided) break;
    if (step.adapt !== null) await adaptSplit(run, step.adapt);
    memory.forget('split');
  }
  control.forgetStepPromotion();
  state.release();
}

/** Milliseconds of Temporal's time. */
interface Times {
  began: number;
  ends: number;
}

/** Watches one split; true where the experiment is over with it, false where the split is to be chosen anew. */
async function watchSplit(run: Rollout, step: Experiment, { began, ends }: Times): Promise<boolean> {
  const { state, memory } = run;
  const split = memory.keep('split', () => {
    state.enter('baking', `testing the candidate ${atItsShare(run)}`);
    state.await('the goals to decide', ends);
    const staysUntil =
      step.adapt === null ? ends : Math.min(ends, Date.now() + step.adapt.everySeconds * 1000);
    return { since: Date.now(), staysUntil, won: false, isOver: false, waited: false };
  });
  const { since, staysUntil } = split;
  const decidesAfter = began + step.minimumSeconds * 1000;
  const seconds = Math.max(0, Math.ceil((decidesAfter - since) / 1000));
  await watching(run, { since, seconds, goals: state.frozen.goals }, async (watch) => {
    while (!split.isOver && !(split.won && !state.paused)) {
      const mode = modeOf(run, split.won);
      split.waited ||= mode === 'guard';
      const until = Date.now() < staysUntil ? staysUntil : overdueUntil(step, ends);
      const report = await watch.round(mode, () => wantsAttention(run, mode), until);
      if (report?.kind === 'clear') split.won = true;
      else if (!report || report.kind === 'drift') continue;
      else if (Date.now() >= ends) split.won = whenInconclusive(run, report);
      // What is unknown of this split is not left behind for another one.
      else split.isOver = Date.now() >= staysUntil && state.hold === null;
    }
  });
  if (split.won && split.waited) await lookOnceMore(run, 'everything known');
  return split.won;
}

/** A split that is held looks as often as it would have been chosen anew; null: as a hold does. */
function overdueUntil({ adapt }: Experiment, ends: number): number | null {
  return adapt === null || Date.now() >= ends ? null : Math.min(ends, Date.now() + adapt.everySeconds * 1000);
}

/** The longest time is over; true where that promotes. */
function whenInconclusive({ state, notices }: Rollout, report: WatchReport): boolean {
  const decision = decideInconclusive(state.hold, report, state.frozen);
  switch (decision.kind) {
    case 'rollBack':
      throw new RolloutStopped({ kind: 'inconclusive', sentence: decision.message });
    case 'promote':
      state.note({ kind: 'decision', sentence: decision.message });
      return true;
    case 'hold':
      state.startHold({ reason: 'inconclusive', message: decision.message }, null);
      notices.send('hold', decision.message);
      return false;
    case 'keepHolding':
      return false;
  }
}

/** A better split is no verdict: it only sends fewer users to what looks worse. */
async function adaptSplit(run: Rollout, adapt: Adaptation): Promise<void> {
  const { state } = run;
  await mayAdvance(run);
  const { chooseShare } = activities({
    within: allowedSeconds.modelChange,
    summary: 'choose the next split',
  });
  const { share, sentence } = await chooseShare({
    goals: state.frozen.goals,
    comparisons: state.comparisons,
    adapt,
    share: state.weights?.candidate ?? 0,
  });
  state.note({ kind: 'decision', sentence });
  if (share === state.weights?.candidate) return;
  await shiftTraffic(run, { baseline: remainderOf(share), candidate: share });
}
