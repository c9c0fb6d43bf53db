/** Watches a split until the goals decide. What decides is the same whether the split stays or adapts. */
import type { WatchReport } from '../activities/interface/watch.js';
import { allowedSeconds } from '../plan/allowances.js';
import { remainderOf } from '../plan/percents.js';
import type { Adaptation, Experiment } from '../plan/frozen/step.js';
import { activities } from './acts.js';
import { mayAdvance } from './advance.js';
import { atItsShare, modeOf, wantsAttention } from './bake.js';
import type { Rollout } from './run.js';
import { RolloutStopped } from './stop.js';
import { shiftTraffic } from './traffic.js';
import { undecidedAtTheEnd, whenUndecided } from './unknown.js';
import { watching } from './watch.js';

/** Returns when the candidate is to be promoted: its goals say so, a person does, or the spec where they say nothing. */
export async function experiment(run: Rollout, step: Experiment): Promise<void> {
  const { control, state, memory } = run;
  const times = memory.keep('experiment', () => {
    control.forgetStepPromotion();
    return { began: Date.now(), ends: Date.now() + step.maximumSeconds * 1000 };
  });
  for (;;) {
    const decided = await watchSplit(run, step, times);
    memory.forget('split');
    if (decided) break;
    if (step.adapt !== null) await adaptSplit(run, step.adapt);
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
    return { since: Date.now(), staysUntil, won: false };
  });
  const { since, staysUntil } = split;
  const decidesAfter = began + step.minimumSeconds * 1000;
  const seconds = Math.max(0, Math.ceil((decidesAfter - since) / 1000));
  return watching(run, { since, seconds, goals: state.frozen.goals }, async (watch) => {
    while (!(split.won && !state.paused)) {
      const mode = modeOf(run, split.won);
      const until = Date.now() < staysUntil ? staysUntil : null;
      const report = await watch.round(mode, () => wantsAttention(run, mode), until);
      if (report?.kind === 'clear') split.won = true;
      else if (report && Date.now() >= ends) split.won = whenInconclusive(run, report);
      else if (report && Date.now() >= staysUntil && report.kind !== 'drift') return false;
    }
    return true;
  });
}

/** The longest time is over; true where that promotes. What is unknown goes on holding. */
function whenInconclusive({ state, notices }: Rollout, report: WatchReport): boolean {
  if (state.holding !== null && !state.holding.startsWith(undecidedAtTheEnd)) return false;
  const { kind, sentence } = whenUndecided(report, state.frozen);
  switch (kind) {
    case 'rollBack':
      throw new RolloutStopped({ kind: 'inconclusive', sentence });
    case 'promote':
      state.note({ kind: 'decision', sentence: `${sentence}; the spec says to promote` });
      return true;
    case 'hold':
      // Its numbers change from day to day; people are told once.
      if (state.holding === null && state.hold(sentence, null)) notices.send('hold', sentence);
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
