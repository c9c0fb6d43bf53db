/** The rollout, as its runbook: what happens, in order, and what is done when it does not work out. */
import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import { allowedSeconds } from '../plan/allowances.js';
import { activities } from './acts.js';
import { bake, waitWhilePaused } from './bake.js';
import { Control } from './control.js';
import { deployBoth, validateCandidate } from './deployment.js';
import { listen } from './handlers.js';
import type { RolloutResult } from './messages.js';
import { prepareModels } from './models.js';
import { keepWinner, promoteCandidate, shiftTraffic } from './promotion.js';
import { takeBack } from './rollback.js';
import type { Rollout } from './run.js';
import { RolloutState } from './state.js';
import { servingModel } from './status.js';
import { failureCause, RolloutStopped, type StopCause } from './stop.js';
import { UndoStack } from './undo.js';

/** Workflow type `rollout`. One argument: the spec as JSON. Ends with a result, whatever the outcome. */
export async function rollout(spec: unknown): Promise<RolloutResult> {
  const state = new RolloutState(workflowInfo().workflowId.replace(/^rollout:/, ''));
  const control = new Control(state);
  const run: Rollout = { state, control, undo: new UndoStack() };
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
  await deployBoth(run);
  await validateCandidate(run);
  for (const step of run.state.frozen.steps) {
    if (run.control.promotion === 'full') break;
    await waitWhilePaused(run);
    switch (step.kind) {
      case 'setWeights':
        run.state.stage = step.stage;
        await shiftTraffic(run, step.weights);
        break;
      case 'bake':
        await bake(run, step.seconds);
        break;
    }
  }
  await promoteCandidate(run);
}

async function planRollout({ state }: Rollout, spec: unknown): Promise<void> {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const { compileRollout } = activities({
    within: allowedSeconds.planning,
    summary: 'check the spec and freeze the plan',
  });
  state.adopt(await compileRollout({ spec, workflowId, runId: firstExecutionRunId }));
}

async function preflight({ state }: Rollout): Promise<void> {
  state.enter('preflight', 'checking endpoint, models, names and alarms; nothing is changed');
  const { preflight } = activities({ within: allowedSeconds.preflight, summary: 'preflight' });
  state.starting = await preflight({ plan: state.frozen });
}

/** A fault of our own code is rethrown: the task is retried until a mended worker takes it on. */
function stopCauseOf(error: unknown): StopCause {
  if (error instanceof RolloutStopped) return error.stop;
  const cause = failureCause(error);
  if (cause) return cause;
  throw error;
}

function conclude({ state }: Rollout, leftovers: string[]): RolloutResult {
  if (!state.outcome) throw new Error('concluded without an outcome');
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
