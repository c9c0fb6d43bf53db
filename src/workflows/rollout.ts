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
import { runBake } from './steps/bake.js';
import { deploy } from './steps/deploy.js';
import { runExperiment } from './steps/experiment.js';
import { isSkippedByFullPromotion, waitForGate } from './steps/gate.js';
import { planRollout } from './steps/plan.js';
import { runPreflight } from './steps/preflight.js';
import { prepareModels } from './steps/prepare-models.js';
import { finishPromotion, promoteCandidate } from './steps/promote.js';
import { rollBack } from './steps/rollback.js';
import { shiftTraffic } from './steps/shift-traffic.js';
import { validateCandidate } from './steps/validate.js';
import { stopReasonOf } from './temporal/stop.js';

/**
 * Workflow type `rollout`. One argument: the spec as JSON. Returns a result for every outcome. After a continue-as-new,
 * the spec is null and the second argument is the state of the previous run.
 */
export async function rollout(
  spec: unknown,
  continued: ContinuedState | null = null,
): Promise<RolloutResult> {
  const run = createContext(continuedState(continued));
  const { control, forward } = run;
  registerHandlers(run.state, control, run.usedProofs);
  try {
    await forward.run(() => {
      rejectExtraArguments(continued);
      return goForward(run, spec);
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

/** A section that an earlier run completed is skipped. */
async function goForward(run: RolloutContext, spec: unknown): Promise<void> {
  const { checkpoints, state } = run;
  await checkpoints.section('plan', () => planRollout(run, spec));
  await checkpoints.section('preflight', () => runPreflight(run));
  await checkpoints.section('models', () => prepareModels(run));
  for (const [index, step] of state.plan.steps.entries())
    await checkpoints.section(`step ${index}`, () => runStep(run, step));
  await checkpoints.section('promotion', () => promoteCandidate(run));
}

async function runStep(run: RolloutContext, step: Step): Promise<void> {
  const { checkpoints, control, state } = run;
  const isNeeded = () => control.pendingPromotion !== 'full' || !isSkipped(step);
  if (!(await checkpoints.runOnce('isNeeded', isNeeded))) return;
  state.stage = step.stage;
  switch (step.kind) {
    case 'deploy':
      return deploy(run, step.arrangement);
    case 'validate':
      return validateCandidate(run);
    case 'gate':
      return waitForGate(run, step.gate);
    case 'setWeights':
      return shiftTraffic(run, step.weights);
    case 'bake':
      return runBake(run, step.seconds);
    case 'experiment':
      return runExperiment(run, step);
  }
}

/**
 * `promote --full` skips weight steps, bakes, experiments, manual gates and hours. It skips no approval, no webhook and
 * no step that promotion needs.
 */
function isSkipped(step: Step): boolean {
  if (step.kind === 'gate') return isSkippedByFullPromotion(step.gate);
  return step.kind !== 'deploy' && step.kind !== 'validate';
}
