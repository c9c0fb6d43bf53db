/** The rollout as a runbook: its steps in order, and the rollback if one of them fails. */
import { CancellationScope } from '@temporalio/workflow';
import type { Step } from '../plan/compiled/step.js';
import { registerHandlers } from './commands/handlers.js';
import type { RolloutResult } from './messages.js';
import { continuedState, rejectExtraArguments } from './run/arguments.js';
import { conclude } from './run/conclude.js';
import { createContext, type RolloutContext } from './run/context.js';
import { ContinueAsNewNeeded, continueRolloutAsNew } from './run/continue-as-new.js';
import type { ContinuedState } from './run/continued-state.js';
import { plannedStep, type RunbookStep } from './state/cursor.js';
import { runBake } from './steps/bake.js';
import { deploy } from './steps/deploy.js';
import { runExperiment } from './steps/experiment.js';
import { isSkippedByFullPromotion, waitForGate } from './steps/gate.js';
import { planRollout } from './steps/plan.js';
import { runPreflight } from './steps/preflight.js';
import { prepareModels } from './steps/prepare-models.js';
import { finishPromotion, promoteCandidate } from './steps/promote.js';
import { retireBaseline } from './steps/retire-baseline.js';
import { rollBack } from './steps/rollback.js';
import { runRollbackWindow } from './steps/rollback-window.js';
import { shiftTraffic } from './steps/shift-traffic.js';
import { validateCandidate } from './steps/validate.js';
import { stopReasonOf } from './temporal/stop.js';

/**
 * Workflow type `rollout`. One argument: the spec as JSON. Returns a result for every outcome except
 * `rollbackFailed`, which fails the workflow with the result (`resultInFailure`). After a continue-as-new,
 * the spec is null and the second argument is the state of the previous run.
 */
export async function rollout(
  spec: unknown,
  continued: ContinuedState | null = null,
): Promise<RolloutResult> {
  const run = createContext(spec, continuedState(continued));
  const { control, forward } = run;
  registerHandlers(run.state, control, run.usedProofs);
  try {
    await forward.run(() => {
      rejectExtraArguments(continued);
      return goForward(run);
    });
  } catch (error) {
    // Returns only if a command stopped the rollout meanwhile.
    if (error instanceof ContinueAsNewNeeded) await continueRolloutAsNew(run);
    // Rethrows a bug of workflow code: the workflow task fails and waits for a fixed worker.
    control.stopped ??= stopReasonOf(error);
    return conclude(run, await CancellationScope.nonCancellable(() => rollBack(run)));
  }
  return conclude(run, await CancellationScope.nonCancellable(() => finishPromotion(run)));
}

type Runbook = {
  [K in RunbookStep['kind']]: (run: RolloutContext, step: Extract<RunbookStep, { kind: K }>) => Promise<void>;
};

const runbook: Runbook = {
  plan: planRollout,
  preflight: runPreflight,
  models: prepareModels,
  // The steps of the plan, in its order.
  deploy,
  validate: validateCandidate,
  gate: waitForGate,
  setWeights: (run, { weights }) => shiftTraffic(run, weights),
  bake: runBake,
  experiment: runExperiment,
  promotion: promoteCandidate,
  rollbackWindow: runRollbackWindow,
  retirement: retireBaseline,
};

/** Begins at the cursor: with the plan, or where the previous run has stopped. */
async function goForward(run: RolloutContext): Promise<void> {
  const { cursor } = run.state;
  while (run.state.outcome === null) {
    const { step } = cursor;
    const carryOut = runbook[step.kind] as (run: RolloutContext, step: RunbookStep) => Promise<void>;
    await carryOut(run, step);
    moveOn(run, step);
  }
}

function moveOn(run: RolloutContext, done: RunbookStep): void {
  const { state } = run;
  if ('index' in done) return moveToPlannedStep(run, done.index + 1);
  const { rollbackWindow } = state.plan;
  switch (done.kind) {
    case 'plan':
      return state.moveTo({ kind: 'preflight' });
    case 'preflight':
      return state.moveTo({ kind: 'models', part: 'before', artefacts: {} });
    case 'models':
      return moveToPlannedStep(run, 0);
    case 'promotion':
      if (rollbackWindow === null) return state.moveTo({ kind: 'retirement', count: null });
      return state.moveTo({ kind: 'rollbackWindow', part: 'before', ...rollbackWindow });
    case 'rollbackWindow':
      return state.moveTo({ kind: 'retirement', count: null });
    case 'retirement':
      return state.markPromoted();
  }
}

/** The first step from `first` on that is needed. The candidate is promoted after the last one. */
function moveToPlannedStep({ control, state }: RolloutContext, first: number): void {
  const { steps } = state.plan;
  const isNeeded = (step: Step) => control.pendingPromotion !== 'full' || !isSkipped(step);
  const index = steps.findIndex((step, i) => i >= first && isNeeded(step));
  const step = steps[index];
  if (!step) return state.moveTo({ kind: 'promotion', part: 'shifting' });
  state.stage = step.stage;
  state.moveTo(plannedStep(step, index, Date.now()));
}

/**
 * `promote --full` skips weight steps, bakes, experiments, manual gates and hours. It skips no approval, no webhook and
 * no step that promotion needs.
 */
function isSkipped(step: Step): boolean {
  if (step.kind === 'gate') return isSkippedByFullPromotion(step.gate);
  return step.kind !== 'deploy' && step.kind !== 'validate';
}
