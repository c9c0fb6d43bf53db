/** Watches a split until the goals decide. What decides is the same whether the split stays or adapts. */
import type { WatchReport } from '../activities/interface.js';
import { allowedSeconds } from '../plan/allowances.js';
import { remainderOf } from '../plan/percents.js';
import type { Adaptation, Experiment } from '../plan/plan.js';
import { activities } from './acts.js';
import { mayAdvance } from './advance.js';
import { atItsShare, wantsAttention } from './bake.js';
import type { Rollout } from './run.js';
import { RolloutStopped } from './stop.js';
import { shiftTraffic } from './traffic.js';
import { undecidedAtTheEnd, whenUndecided } from './unknown.js';
import { Watch } from './watch.js';

/** Returns when the candidate is to be promoted: its goals say so, a person does, or the spec where they say nothing. */
export async function experiment(run: Rollout, step: Experiment): Promise<void> {
  const { control, state } = run;
  const began = Date.now();
  const ends = began + step.maximumSeconds * 1000;
  control.forgetStepPromotion();
  for (;;) {
    const chapterEnds =
      step.adapt === null ? ends : Math.min(ends, Date.now() + step.adapt.everySeconds * 1000);
    const decided = await watchChapter(run, step, { began, ends, chapterEnds });
    if (decided) break;
    if (step.adapt !== null) await adaptSplit(run, step.adapt);
  }
  control.forgetStepPromotion();
  state.release();
}

interface Times {
  began: number;
  ends: number;
  /** The split stays until then. */
  chapterEnds: number;
}

/** Watches one split; true where the experiment is over with it, false where the split is to be chosen anew. */
async function watchChapter(
  run: Rollout,
  step: Experiment,
  { began, ends, chapterEnds }: Times,
): Promise<boolean> {
  const { state, control } = run;
  state.enter('baking', `testing the candidate ${atItsShare(run)}`);
  state.await('the goals to decide', ends);
  const decidesAfter = began + step.minimumSeconds * 1000;
  const seconds = Math.max(0, Math.ceil((decidesAfter - Date.now()) / 1000));
  const watch = new Watch(run, { since: Date.now(), seconds, goals: state.frozen.goals });
  let won = false;
  while (!(won && !state.paused)) {
    const mode = control.promotion ? 'final' : won ? 'guard' : 'bake';
    const until = Date.now() < chapterEnds ? chapterEnds : null;
    const report = await watch.round(mode, () => wantsAttention(run, mode), until);
    if (report?.kind === 'clear') won = true;
    else if (report && Date.now() >= ends) won = whenInconclusive(run, report);
    else if (report && Date.now() >= chapterEnds && report.kind !== 'drift') return false;
  }
  return true;
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
