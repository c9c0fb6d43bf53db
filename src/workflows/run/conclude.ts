/** The end of a rollout: the last notifications, then the result. */
import { allHandlersFinished, CancellationScope, condition } from '@temporalio/workflow';
import type { RolloutResult } from '../messages.js';
import { servingModel } from '../state/status.js';
import type { RolloutContext } from './context.js';

/** `leftovers`: names of objects that the rollout made and could not delete. */
export async function conclude(run: RolloutContext, leftovers: string[]): Promise<RolloutResult> {
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
