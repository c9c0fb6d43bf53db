/** The end of a rollout: the last notifications, then the result. */
import { ApplicationFailure } from '@temporalio/common';
import { allHandlersFinished, CancellationScope, condition } from '@temporalio/workflow';
import { rollbackFailedType, type RolloutResult } from '../messages.js';
import { servingModel } from '../state/status.js';
import { unusedObjects } from '../steps/cleanup.js';
import type { RolloutContext } from './context.js';

/**
 * `leftovers`: as in the result. Throws the result of a rollout whose rollback is
 * not verified, so that the workflow is Failed for everyone who watches Temporal.
 */
export async function conclude(run: RolloutContext, leftovers: string[]): Promise<RolloutResult> {
  const { state, notifications } = run;
  if (!state.outcome) throw new Error('concluded without an outcome');
  notifications.send('ended', `${state.outcome}: ${state.reason}`);
  await CancellationScope.nonCancellable(async () => {
    await notifications.delivered();
    await condition(allHandlersFinished);
  });
  const result: RolloutResult = {
    rolloutId: state.compiledPlan?.rolloutId ?? null,
    endpoint: state.endpoint,
    outcome: state.outcome,
    reason: state.reason,
    serving: servingModel(state),
    version: state.versionOf('candidate'),
    leftovers,
    unused: unusedObjects(state),
    startedAt: state.startedAt,
    endedAt: new Date().toISOString(),
  };
  if (state.outcome !== 'rollbackFailed') return result;
  throw ApplicationFailure.create({
    ...{ type: rollbackFailedType, message: state.reason, details: [result], nonRetryable: true },
  });
}
