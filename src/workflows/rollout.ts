/** The rollout, as its runbook: what happens, in order, and what is done when it does not work out. */
import { allHandlersFinished, CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import { allowedSeconds } from '../plan/schedule/timeouts.js';
import type { Step } from '../plan/compiled/step.js';
import { activities } from './temporal/activity-proxy.js';
import { refuseForeign, refuseUnusable, takeOver } from './run/arguments.js';
import { bake } from './steps/bake.js';
import type { Carried } from './run/continued-state.js';
import { goOnInNewRun, HistoryLong } from './run/continue-as-new.js';
import { Control } from './commands/control.js';
import { deployArrangement, validateCandidate } from './steps/deploy.js';
import { experiment } from './steps/experiment.js';
import { Forward } from './run/forward-path.js';
import { passGate, yieldsToPromotion } from './steps/gate.js';
import { listen } from './commands/handlers.js';
import { Memory } from './temporal/checkpoints.js';
import type { RolloutResult } from './messages.js';
import { prepareModels } from './steps/prepare-models.js';
import { Notices } from './notifications/notifications.js';
import { keepWinner, promoteCandidate } from './steps/promote.js';
import { takeBack } from './steps/rollback.js';
import type { Rollout } from './run/context.js';
import { RolloutState } from './state/state.js';
import { servingModel } from './state/status.js';
import { failureCause, RolloutStopped, type StopCause } from './temporal/stop.js';
import { shiftTraffic } from './steps/shift-traffic.js';
import { UndoStack } from './temporal/compensations.js';
import { UsedProofs } from './commands/used-proofs.js';

/**
 * Workflow type `rollout`. One argument: the spec as JSON. Ends with a result, whatever the outcome. `carried` takes
 * the place of the spec where the rollout goes on in a new run.
 */
export async function rollout(spec: unknown, carried: Carried | null = null): Promise<RolloutResult> {
  const run = begin(takeOver(carried));
  const { state, control, forward } = run;
  listen(state, control, run.usedProofs);
  try {
    await forward.untilStopped(() => {
      refuseForeign(carried);
      return goForward(run, spec);
    });
  } catch (error) {
    if (error instanceof HistoryLong) await goOnInNewRun(run);
    control.stopped ??= stopCauseOf(error);
    return conclude(run, await CancellationScope.nonCancellable(() => takeBack(run)));
  }
  return conclude(run, await CancellationScope.nonCancellable(() => keepWinner(run)));
}

function begin(carried: Carried | null): Rollout {
  const endpoint = workflowInfo().workflowId.replace(/^rollout:/, '');
  const state = new RolloutState(endpoint, carried?.state ?? null);
  const control = new Control(state, carried?.promotion);
  return {
    state,
    control,
    forward: new Forward(control),
    notices: new Notices(state, carried?.noticeSequence),
    undo: new UndoStack(carried?.undo),
    memory: new Memory(carried?.memory),
    usedProofs: new UsedProofs(carried?.usedProofs),
  };
}

/** Chapters: where the history grows long, the rollout goes on in a new run with the one that it is in. */
async function goForward(run: Rollout, spec: unknown): Promise<void> {
  const { memory } = run;
  await memory.chapter('plan', () => planRollout(run, spec));
  await memory.chapter('preflight', () => preflight(run));
  await memory.chapter('models', () => prepareModels(run));
  for (const [index, step] of run.state.frozen.steps.entries()) {
    await memory.chapter(`step ${index}`, async () => {
      const isBegun = await memory.once('begun', () => run.control.promotion !== 'full' || !isSkipped(step));
      if (!isBegun) return;
      run.state.stage = step.stage;
      await carryOut(run, step);
    });
  }
  await memory.chapter('promotion', () => promoteCandidate(run));
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
  refuseUnusable(spec);
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
  await CancellationScope.nonCancellable(async () => {
    await notices.delivered();
    await condition(allHandlersFinished);
  });
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
