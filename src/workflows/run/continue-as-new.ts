/** Continues a rollout as new when its history is long. Temporal ends a run at 51,200 events. */
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  makeContinueAsNewFunc,
  workflowInfo,
} from '@temporalio/workflow';
import { type ContinuedState, fitToPayloadLimit } from './continued-state.js';
import { maxHistoryEvents } from './timings.js';
import type { RolloutResult } from '../messages.js';
import type { RolloutContext } from './context.js';

type ContinuedRollout = (spec: null, continued: ContinuedState) => Promise<RolloutResult>;

/** Waits for running notifications first, because the end of a run would drop them. */
export function shouldContinueAsNew({ notifications }: RolloutContext): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return (continueAsNewSuggested || historyLength >= maxHistoryEvents) && notifications.areDelivered;
}

/** Thrown out of the forward path, so that every activity in it has ended before the new run begins. */
export class ContinueAsNewNeeded extends Error {}

/** Called at every wait of the rollout. */
export function continueAsNewIfNeeded(run: RolloutContext): void {
  if (shouldContinueAsNew(run)) throw new ContinueAsNewNeeded();
}

/**
 * Returns only if the rollout was stopped. Do not await after the check of `stopped`: Temporal delivers pending
 * signals to this run before it completes the continue-as-new.
 */
export async function continueRolloutAsNew(run: RolloutContext): Promise<void> {
  const { state, compensations, control, notifications, usedProofs } = run;
  // Handlers wait for the check of a proof.
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  if (CancellationScope.current().consideredCancelled) control.stopped ??= { kind: 'cancelled' };
  if (control.stopped) return;
  const { historyLength, memo } = workflowInfo();
  state.addTimelineEntry({
    kind: 'decision',
    message: `continues as new: this run has ${historyLength} events`,
  });
  const continueAsNew = makeContinueAsNewFunc<ContinuedRollout>({
    memo: { ...memo, startedAt: state.startedAt },
  });
  const continued = fitToPayloadLimit({
    state: { ...state },
    compensations: compensations.toJSON(),
    promotion: control.pendingPromotion,
    notificationSequence: notifications.sequence,
    usedProofs: usedProofs.unexpiredAt(Date.now()),
  });
  // The state contains the plan, so the spec is not needed.
  await continueAsNew(null, continued);
}
