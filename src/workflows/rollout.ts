/** The rollout, as its runbook: what happens, in order, and what is done when it does not work out. */
import { allHandlersFinished, CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import { activityTimeouts } from '../plan/schedule/timeouts.js';
import type { Step } from '../plan/compiled/step.js';
import { proxyRolloutActivities } from './temporal/activity-proxy.js';
import { rejectExtraArguments, rejectInvalidSpec, continuedState } from './run/arguments.js';
import { runBake } from './steps/bake.js';
import type { ContinuedState } from './run/continued-state.js';
import { continueRolloutAsNew, ContinueAsNewNeeded } from './run/continue-as-new.js';
import { Control } from './commands/control.js';
import { deploy, validateCandidate } from './steps/deploy.js';
import { runExperiment } from './steps/experiment.js';
import { ForwardPath } from './run/forward-path.js';
import { waitForGate, isSkippedByFullPromotion } from './steps/gate.js';
import { registerHandlers } from './commands/handlers.js';
import { Checkpoints } from './temporal/checkpoints.js';
import type { RolloutResult } from './messages.js';
import { prepareModels } from './steps/prepare-models.js';
import { Notifications } from './notifications/notifications.js';
import { finishPromotion, promoteCandidate } from './steps/promote.js';
import { rollBack } from './steps/rollback.js';
import type { RolloutContext } from './run/context.js';
import { RolloutState } from './state/state.js';
import { servingModel } from './state/status.js';
import { stopReasonOf, RolloutStopped, type StopReason } from './temporal/stop.js';
import { shiftTraffic } from './steps/shift-traffic.js';
import { Compensations } from './temporal/compensations.js';
import { ProofReplayGuard } from './commands/used-proofs.js';

/**
 * Workflow type `rollout`. One argument: the spec as JSON. Ends with a result, whatever the outcome. `carried` takes
 * the place of the spec where the rollout goes on in a new run.
 */
export async function rollout(
  spec: unknown,
  continued: ContinuedState | null = null,
): Promise<RolloutResult> {
  const run = begin(continuedState(continued));
  const { state, control, forward } = run;
  registerHandlers(state, control, run.usedProofs);
  try {
    await forward.run(() => {
      rejectExtraArguments(continued);
      return goForward(run, spec);
    });
  } catch (error) {
    if (error instanceof ContinueAsNewNeeded) await continueRolloutAsNew(run);
    control.stopped ??= stopCauseOf(error);
    return conclude(run, await CancellationScope.nonCancellable(() => rollBack(run)));
  }
  return conclude(run, await CancellationScope.nonCancellable(() => finishPromotion(run)));
}

function begin(continued: ContinuedState | null): RolloutContext {
  const endpoint = workflowInfo().workflowId.replace(/^rollout:/, '');
  const state = new RolloutState(endpoint, continued?.state ?? null);
  const control = new Control(state, continued?.promotion);
  return {
    state,
    control,
    forward: new ForwardPath(control),
    notifications: new Notifications(state, continued?.notificationSequence),
    undo: new Compensations(continued?.undo),
    memory: new Checkpoints(continued?.memory),
    usedProofs: new ProofReplayGuard(continued?.usedProofs),
  };
}

/** Chapters: where the history grows long, the rollout goes on in a new run with the one that it is in. */
async function goForward(run: RolloutContext, spec: unknown): Promise<void> {
  const { memory } = run;
  await memory.section('plan', () => planRollout(run, spec));
  await memory.section('preflight', () => preflight(run));
  await memory.section('models', () => prepareModels(run));
  for (const [index, step] of run.state.plan.steps.entries()) {
    await memory.section(`step ${index}`, async () => {
      const isBegun = await memory.runOnce(
        'begun',
        () => run.control.pendingPromotion !== 'full' || !isSkipped(step),
      );
      if (!isBegun) return;
      run.state.stage = step.stage;
      await carryOut(run, step);
    });
  }
  await memory.section('promotion', () => promoteCandidate(run));
}

async function carryOut(run: RolloutContext, step: Step): Promise<void> {
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

/** A promote of everything skips what only waits; what others must say, and what the promotion itself needs, it does not. */
function isSkipped(step: Step): boolean {
  switch (step.kind) {
    case 'deploy':
    case 'validate':
      return false;
    case 'gate':
      return isSkippedByFullPromotion(step.gate);
    case 'setWeights':
    case 'bake':
    case 'experiment':
      return true;
  }
}

async function planRollout({ state }: RolloutContext, spec: unknown): Promise<void> {
  rejectInvalidSpec(spec);
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const { compileRollout } = proxyRolloutActivities({
    scheduleToCloseSeconds: activityTimeouts.planning,
    summary: 'check the spec and freeze the plan',
  });
  state.setPlan(await compileRollout({ spec, workflowId, runId: firstExecutionRunId }));
}

async function preflight({ state, notifications }: RolloutContext): Promise<void> {
  state.enterPhase('preflight', 'checking endpoint, models, names and alarms; nothing is changed');
  const { preflight } = proxyRolloutActivities({
    scheduleToCloseSeconds: activityTimeouts.preflight,
    summary: 'preflight',
  });
  state.starting = await preflight({ plan: state.plan });
  notifications.send('started', `${state.startedBy} started ${state.plan.strategy} on ${state.endpoint}`);
}

/** A fault of our own code is rethrown: the task is retried until a mended worker takes it on. */
function stopCauseOf(error: unknown): StopReason {
  if (error instanceof RolloutStopped) return error.stop;
  const cause = stopReasonOf(error);
  if (cause) return cause;
  throw error;
}

async function conclude(run: RolloutContext, leftovers: string[]): Promise<RolloutResult> {
  const { state, notifications } = run;
  if (!state.outcome) throw new Error('concluded without an outcome');
  notifications.send('ended', `${state.outcome}: ${state.reason}`);
  await CancellationScope.nonCancellable(async () => {
    await notifications.delivered();
    await condition(allHandlersFinished);
  });
  return {
    rolloutId: state.compiledPlan?.rolloutId ?? null,
    endpoint: state.endpoint,
    outcome: state.outcome,
    reason: state.reason,
    serving: servingModel(state),
    leftovers,
    startedAt: state.startedAt,
    endedAt: new Date().toISOString(),
  };
}
