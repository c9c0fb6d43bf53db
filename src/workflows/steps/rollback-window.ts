/** The time after the promotion in which the way back stays open: guarded, and not closed by what nobody knows. */
import type { WatchReport } from '../../activities/interface/watch.js';
import type { Guardrail } from '../../plan/compiled/guardrail.js';
import type { RollbackWindow } from '../../plan/compiled/plan.js';
import { checkUntilAllowed } from './wait-until-allowed.js';
import type { RolloutContext } from '../run/context.js';
import { setInstanceCounts } from './shift-traffic.js';
import { withWatch } from '../monitoring/watch.js';
import { CancellationScope, getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import type { RolloutState } from '../state/state.js';
import { rollbackWindowReachedSignal } from '../waves/messages.js';

/** Guardrails go on watching; undo and abort go back, promote ends the window early. */
export async function runRollbackWindow(
  run: RolloutContext,
  { seconds, baseline }: RollbackWindow,
): Promise<void> {
  const { state, control, checkpoints } = run;
  const { ends } = await checkpoints.runOnce('window', async () => {
    const ends = Date.now() + seconds * 1000;
    control.pendingPromotion = null;
    state.canUndo = true;
    state.enterPhase(
      'rollbackWindow',
      `the candidate serves all traffic, verified; the baseline is kept ${baseline === 'warm' ? 'warm' : 'on one instance'}`,
    );
    state.setWaitingFor('the end of the rollback window', ends);
    notifyParent(state);
    if (baseline === 'scaledIn') await scaleInBaseline(run);
    return { ends };
  });
  await checkpoints.runOnce('window over', async () => {
    await watchWindow(run, seconds, ends);
    control.pendingPromotion = null;
  });
  // A person may not have waited for the last look; another hand's change is not ours to overwrite.
  await checkUntilAllowed(run, 'noAlarmFiring', () => reopenWhileUnknown(run));
}

/** A freeze may have outlasted the window; what has become unknown in it keeps the way back open as well. */
async function reopenWhileUnknown(run: RolloutContext): Promise<void> {
  const { state, control, checkpoints } = run;
  const { hold, since } = checkpoints.getOrCreate('after the window', () => ({
    hold: state.hold,
    since: Date.now(),
  }));
  if (hold !== null) {
    await checkpoints.runOnce('open again', () => {
      checkpoints.clear('window known');
      state.enterPhase(
        'rollbackWindow',
        'the candidate serves all traffic, verified; the baseline is still kept',
      );
      state.startHold(hold, null);
    });
    await watchWindow(run, 0, since);
    control.pendingPromotion = null;
    checkpoints.clear('open again');
  }
  checkpoints.clear('after the window');
}

/**
 * Until the time is over and every guardrail is known to have passed, or a person ends it. Once the time is over it is
 * watched as a bake is: what was missed is judged as soon as its data is there.
 */
async function watchWindow(run: RolloutContext, seconds: number, ends: number): Promise<void> {
  const { state, control, checkpoints } = run;
  const isEnded = () => control.pendingPromotion !== null && !state.paused;
  const progress = checkpoints.getOrCreate('window known', () => ({ isKnown: false, isTold: false }));
  const subject = {
    since: Date.now(),
    seconds,
    get guardrails() {
      return applicableGuardrails(run);
    },
  };
  await withWatch(run, subject, async (watch) => {
    while (!isEnded()) {
      if (Date.now() < ends) {
        const report = await watch.round('guard', isEnded, ends);
        // Known is known at the end, not an hour before.
        progress.isKnown = report !== null && Date.now() >= ends && isKnown(report);
      } else if (state.paused) {
        state.setWaitingFor('resume', null);
        await watch.round('guard', () => !state.paused);
        progress.isKnown = false;
      } else if (progress.isKnown) {
        break;
      } else {
        notifyOnce(run, progress);
        const report = await watch.round('bake', () => isEnded() || state.paused);
        progress.isKnown = report !== null && isKnown(report);
      }
    }
  });
  state.release();
}

/** With all traffic on the candidate there is nothing to compare it with. */
function applicableGuardrails({ state }: RolloutContext): Guardrail[] {
  const { guardrails } = state.plan;
  return state.weights?.baseline === 0
    ? guardrails.filter((guardrail) => guardrail.kind !== 'comparison')
    : guardrails;
}

/** Nor is the way back closed over another hand's change, until it is put back or settled as the spec says. */
function isKnown({ kind, verdicts }: WatchReport): boolean {
  return kind !== 'undecided' && kind !== 'drift' && verdicts.every(({ result }) => result === 'pass');
}

function notifyOnce({ state, notifications }: RolloutContext, progress: { isTold: boolean }): void {
  if (progress.isTold) return;
  progress.isTold = true;
  const what = 'the rollback window stays open until every guardrail is known';
  state.setWaitingFor(what, null);
  if (state.hold === null) return;
  const message = `${what}: ${state.hold.message}`;
  state.addTimelineEntry({ kind: 'decision', message });
  notifications.send('hold', message);
}

async function scaleInBaseline(run: RolloutContext): Promise<void> {
  const { state } = run;
  const has = state.requestedCounts.baseline ?? state.baselineCount;
  if (has === null || has <= 1) return;
  const counts = { baseline: { exactly: 1, whileAt: has }, candidate: null };
  await setInstanceCounts(run, counts, state.plan.limits.shiftSeconds, 'scale in the baseline');
}

/** Nothing waits for it: waves that are gone need not know, and an abort meanwhile must not lose the news. */
export function notifyParent(state: RolloutState): void {
  const { parent } = workflowInfo();
  if (!parent) return;
  const waves = getExternalWorkflowHandle(parent.workflowId, parent.runId);
  const news = { endpoint: state.endpoint, phase: 'rollbackWindow' as const };
  CancellationScope.nonCancellable(() => waves.signal(rollbackWindowReachedSignal, news)).catch(
    (error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      state.addTimelineEntry({ kind: 'decision', message: `could not tell ${parent.workflowId}: ${why}` });
    },
  );
}
