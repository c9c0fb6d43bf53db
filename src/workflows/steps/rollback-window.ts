/** The rollback window after the promotion. Guardrails are active, and an unknown guardrail keeps the window open. */
import { CancellationScope, getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import type { WatchReport } from '../../activities/interface/watch.js';
import type { RollbackWindow } from '../../plan/compiled/plan.js';
import { checkUntilAllowed } from './wait-until-allowed.js';
import type { RolloutContext } from '../run/context.js';
import { scaleInOrKeep } from './shift-traffic.js';
import { applicableGuardrails } from '../monitoring/applicable-guardrails.js';
import { withWatch } from '../monitoring/watch.js';
import type { RolloutState } from '../state/state.js';
import { rollbackWindowReachedSignal } from '../waves/messages.js';

/** Undo and abort roll back. Promote ends the window early. */
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
  // A promote can end the window before its last check. An external change must not be overwritten.
  await checkUntilAllowed(run, 'noAlarmFiring', () => reopenWhileUnknown(run));
}

/** If a freeze outlasts the window and a guardrail becomes unknown in it, the window opens again. */
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
 * Watches until the time is over and every guardrail has passed, or until a promote. After the time it watches as in a
 * bake: a window without data so far is evaluated as soon as its data is there.
 */
async function watchWindow(run: RolloutContext, seconds: number, ends: number): Promise<void> {
  const { state, control, checkpoints } = run;
  const isEnded = () => control.pendingPromotion !== null && !state.paused;
  const progress = checkpoints.getOrCreate('window known', () => ({ isKnown: false, isNotified: false }));
  const target = {
    since: Date.now(),
    seconds,
    get guardrails() {
      return applicableGuardrails(run);
    },
  };
  await withWatch(run, target, async (watch) => {
    while (!isEnded()) {
      if (Date.now() < ends) {
        const report = await watch.round('guard', isEnded, ends);
        // Only a report at the end of the window counts.
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

/** Drift that is neither reverted nor adopted keeps the window open too. */
function isKnown({ kind, verdicts }: WatchReport): boolean {
  return kind !== 'undecided' && kind !== 'drift' && verdicts.every(({ result }) => result === 'pass');
}

function notifyOnce({ state, notifications }: RolloutContext, progress: { isNotified: boolean }): void {
  if (progress.isNotified) return;
  progress.isNotified = true;
  const what = 'the rollback window stays open until every guardrail is known';
  state.setWaitingFor(what, null);
  if (state.hold === null) return;
  const message = `${what}: ${state.hold.message}`;
  state.addTimelineEntry({ kind: 'decision', message });
  notifications.send('hold', message);
}

async function scaleInBaseline(run: RolloutContext): Promise<void> {
  const { state } = run;
  const current = state.requestedCounts.baseline ?? state.baselineCount;
  if (current !== null && current > 1) await scaleInOrKeep(run, 'baseline', { from: current, to: 1 });
}

/** Signals the parent waves, if any. The rollout does not wait for it, and an abort does not cancel it. */
function notifyParent(state: RolloutState): void {
  const { parent } = workflowInfo();
  if (!parent) return;
  const waves = getExternalWorkflowHandle(parent.workflowId, parent.runId);
  const reached = { endpoint: state.endpoint, phase: 'rollbackWindow' as const };
  CancellationScope.nonCancellable(() => waves.signal(rollbackWindowReachedSignal, reached)).catch(
    (error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      state.addTimelineEntry({ kind: 'decision', message: `could not notify ${parent.workflowId}: ${why}` });
    },
  );
}
