/** Carries a rollout on in a new run where the history of this one has grown long: Temporal ends it at 51,200 events. */
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

/** A run that ends takes notices that are being sent with it: they come first. */
export function shouldContinueAsNew({ notifications }: RolloutContext): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return (continueAsNewSuggested || historyLength >= maxHistoryEvents) && notifications.areDelivered;
}

/** Thrown out of the forward path, so that everything in it has come to rest before the new run begins. */
export class ContinueAsNewNeeded extends Error {}

/** Called where the rollout waits. */
export function continueAsNewIfNeeded(run: RolloutContext): void {
  if (shouldContinueAsNew(run)) throw new ContinueAsNewNeeded();
}

/**
 * Never returns, unless the rollout was stopped meanwhile. Nothing may be awaited after the last look at what came in:
 * what comes later, Temporal shows to this run before it lets it go.
 */
export async function continueRolloutAsNew(run: RolloutContext): Promise<void> {
  const { state, checkpoints, compensations, control, notifications, usedProofs } = run;
  // Of whose proofs are being checked.
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  if (CancellationScope.current().consideredCancelled) control.stopped ??= { kind: 'cancelled' };
  if (control.stopped) return;
  const { historyLength, memo } = workflowInfo();
  state.addTimelineEntry({
    kind: 'decision',
    message: `goes on in a new run, for this one has ${historyLength} events`,
  });
  const goOn = makeContinueAsNewFunc<ContinuedRollout>({ memo: { ...memo, startedAt: state.startedAt } });
  const continued = fitToPayloadLimit({
    state: { ...state },
    checkpoints: checkpoints.toJSON(),
    compensations: compensations.toJSON(),
    promotion: control.pendingPromotion,
    notificationSequence: notifications.sequence,
    usedProofs: usedProofs.unexpiredAt(Date.now()),
  });
  // The plan is among what the state knows; the spec would only take room.
  await goOn(null, continued);
}
