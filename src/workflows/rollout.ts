/** The rollout, as its runbook: what happens, in order, and what is done when it does not work out. */
import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import { allowedSeconds } from '../plan/allowances.js';
import type { Step } from '../plan/plan.js';
import { activities } from './acts.js';
import { mayAdvance } from './advance.js';
import { bake } from './bake.js';
import { Control } from './control.js';
import { deployArrangement, validateCandidate } from './deployment.js';
import { experiment } from './experiment.js';
import { passGate, yieldsToPromotion } from './gates.js';
import { listen } from './handlers.js';
import type { RolloutResult } from './messages.js';
import { prepareModels } from './models.js';
import { Notices } from './notices.js';
import { keepWinner, promoteCandidate } from './promotion.js';
import { takeBack } from './rollback.js';
import type { Rollout } from './run.js';
import { RolloutState } from './state.js';
import { servingModel } from './status.js';
import { failureCause, RolloutStopped, type StopCause } from './stop.js';
import { shiftTraffic } from './traffic.js';
import { UndoStack } from './undo.js';

/** Workflow type `rollout`. One argument: the spec as JSON. Ends with a result, whatever the outcome. */
export async function rollout(spec: unknown): Promise<RolloutResult> {
  const state = new RolloutState(workflowInfo().workflowId.replace(/^rollout:/, ''));
  const control = new Control(state);
  const run: Rollout = { state, control, notices: new Notices(state), undo: new UndoStack() };
  listen(state, control);
  try {
    await control.untilStopped(() => goForward(run, spec));
  } catch (error) {
    control.stopped = stopCauseOf(error);
    return conclude(run, await CancellationScope.nonCancellable(() => takeBack(run)));
  }
  return conclude(run, await CancellationScope.nonCancellable(() => keepWinner(run)));
}

async function goForward(run: Rollout, spec: unknown): Promise<void> {
  await planRollout(run, spec);
  await preflight(run);
  await prepareModels(run);
  for (const step of run.state.frozen.steps) {
    if (run.control.promotion === 'full' && isSkipped(step)) continue;
    run.state.stage = step.stage;
    await carryOut(run, step);
  }
  await promoteCandidate(run);
}

async function carryOut(run: Rollout, step: Step): Promise<void> {
  switch (step.kind) {
    case 'deploy':
      return deployArrangement(run, step.arrangement);
    case 'validate':
      return validateCandidate(run);
    case 'gate':
      return passGate(run, step.gate);
    case 'setWeights':
      await mayAdvance(run);
      return shiftTraffic(run, step.weights);
    case 'bake':
      return bake(run, step.seconds);
    case 'experiment':
      return experiment(run, step);
  }
}

/** A promote of everything skips what only waits; what others must say, and what the promotion itself needs, it does not. */
function isSkipped(step: Step): boolean {
  switch (step.kind) {
    case 'deploy':
    case 'validate':
      return false;
    case 'gate':
      return yieldsToPromotion(step.gate);
    case 'setWeights':
    case 'bake':
    case 'experiment':
      return true;
  }
}

async function planRollout({ state }: Rollout, spec: unknown): Promise<void> {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const { compileRollout } = activities({
    within: allowedSeconds.planning,
    summary: 'check the spec and freeze the plan',
  });
  state.adopt(await compileRollout({ spec, workflowId, runId: firstExecutionRunId }));
}

async function preflight({ state, notices }: Rollout): Promise<void> {
  state.enter('preflight', 'checking endpoint, models, names and alarms; nothing is changed');
  const { preflight } = activities({ within: allowedSeconds.preflight, summary: 'preflight' });
  state.starting = await preflight({ plan: state.frozen });
  notices.send('started', `${state.startedBy} started ${state.frozen.strategy} on ${state.endpoint}`);
}

/** A fault of our own code is rethrown: the task is retried until a mended worker takes it on. */
function stopCauseOf(error: unknown): StopCause {
  if (error instanceof RolloutStopped) return error.stop;
  const cause = failureCause(error);
  if (cause) return cause;
  throw error;
}

async function conclude(run: Rollout, leftovers: string[]): Promise<RolloutResult> {
  const { state, notices } = run;
  if (!state.outcome) throw new Error('concluded without an outcome');
  notices.send('ended', `${state.outcome}: ${state.reason}`);
  await CancellationScope.nonCancellable(() => notices.delivered());
  return {
    rolloutId: state.plan?.rolloutId ?? null,
    endpoint: state.endpoint,
    outcome: state.outcome,
    reason: state.reason,
    serving: servingModel(state),
    leftovers,
    startedAt: state.startedAt,
    endedAt: new Date().toISOString(),
  };
}
