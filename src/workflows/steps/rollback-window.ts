/** The rollback window after the promotion. Guardrails are active, and an unknown guardrail keeps the window open. */
import { CancellationScope, getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import type { WatchReport } from '../../activities/interface/watch.js';
import { checkBeforeChange } from '../monitoring/last-check.js';
import { type WatchTarget, withWatch } from '../monitoring/watch.js';
import type { Hold } from '../messages.js';
import type { RolloutContext } from '../run/context.js';
import type { RollbackWindowStep } from '../state/cursor.js';
import type { RolloutState } from '../state/state.js';
import { rollbackWindowReachedSignal } from '../waves/messages.js';
import { endsEarly } from './bake.js';
import { scaleInOrKeep } from './shift-traffic.js';
import { checkUntilAllowed } from './wait-until-allowed.js';

/** Undo and abort roll back. Promote ends the window early. */
export async function runRollbackWindow(run: RolloutContext, step: RollbackWindowStep): Promise<void> {
  const { state, control } = run;
  if (step.part === 'before') {
    control.pendingPromotion = null;
    state.canUndo = true;
    // Application Auto Scaling owns the count of an autoscaled baseline, and its scale-in is suspended.
    const scalesIn = step.baseline === 'scaledIn' && !state.isScaled;
    const kept = scalesIn ? 'on one instance' : 'warm';
    state.enterPhase(
      'rollbackWindow',
      `the candidate serves all traffic, verified; the baseline is kept ${kept}`,
    );
    state.beginPart(step, 'open');
    state.setWaitingFor('the end of the rollback window', endOf(run, step));
    notifyParent(state);
    if (scalesIn) await scaleInBaseline(run);
  }
  await watchWindow(run, step);
  // A promote can end the window before its last check. An external change must not be overwritten.
  await checkUntilAllowed(run, async () => {
    if (state.hold !== null) await openAgain(run, step, state.hold);
    await checkBeforeChange(run, 'noAlarmFiring');
  });
}

/** Milliseconds, workflow time. */
function endOf({ state }: RolloutContext, { seconds }: RollbackWindowStep): number {
  return state.cursor.since + seconds * 1000;
}

/** A freeze or a pause has outlasted the window, and a guardrail became unknown in it. */
async function openAgain(run: RolloutContext, step: RollbackWindowStep, hold: Hold): Promise<void> {
  const { state } = run;
  state.enterPhase(
    'rollbackWindow',
    'the candidate serves all traffic, verified; the baseline is still kept',
  );
  state.startHold(hold, null);
  step.seconds = 0;
  stayOpen(run, step);
  await watchWindow(run, step);
}

/**
 * Watches until the time is over and every guardrail has passed, or until a promote. After the time it watches as in a
 * bake: a window without data so far is evaluated as soon as its data is there.
 */
async function watchWindow(run: RolloutContext, step: RollbackWindowStep): Promise<void> {
  if (step.part === 'closing') return;
  const { state, control } = run;
  const isEnded = () => endsEarly(run);
  const { seconds } = step;
  const target: WatchTarget = { mode: 'guarding', need: 'allKnown', since: Date.now(), seconds };
  await withWatch(run, target, async (watch) => {
    if (step.part === 'open') {
      const ends = endOf(run, step);
      let last: WatchReport | null = null;
      while (!isEnded() && Date.now() < ends) last = await watch.round(isEnded, ends);
      // Only a report at the end of the window counts.
      if (isEnded() || isKnown(last)) return;
      stayOpen(run, step);
    }
    while (!isEnded()) {
      const { paused } = state;
      watch.enter(paused ? 'guarding' : 'overdue');
      const report = await watch.round(() => isEnded() || state.paused !== paused);
      if (!state.paused && isKnown(report)) return;
    }
  });
  state.beginPart(step, 'closing');
  control.pendingPromotion = null;
  state.release();
}

/** Drift that is neither reverted nor adopted keeps the window open too. */
function isKnown(report: WatchReport | null): boolean {
  if (report === null || report.kind === 'undecided' || report.kind === 'drift') return false;
  return report.verdicts.every(({ result }) => result === 'pass');
}

/** Operators are notified once. */
function stayOpen({ state, notifications }: RolloutContext, step: RollbackWindowStep): void {
  const what = 'the rollback window stays open until every guardrail is known';
  state.beginPart(step, 'overdue');
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
