/** Carries a rollout on in a new run where the history of this one has grown long: Temporal ends it at 51,200 events. */
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  makeContinueAsNewFunc,
  workflowInfo,
} from '@temporalio/workflow';
import { type Carried, fit } from './continued-state.js';
import { mostEvents } from './event-limit.js';
import type { RolloutResult } from '../messages.js';
import type { Rollout } from './context.js';

type NextRun = (spec: null, carried: Carried) => Promise<RolloutResult>;

/** A run that ends takes notices that are being sent with it: they come first. */
export function isHistoryLong({ notices }: Rollout): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return (continueAsNewSuggested || historyLength >= mostEvents) && notices.areDelivered;
}

/** Thrown out of the forward path, so that everything in it has come to rest before the new run begins. */
export class HistoryLong extends Error {}

/** Called where the rollout waits. */
export function turnPage(run: Rollout): void {
  if (isHistoryLong(run)) throw new HistoryLong();
}

/**
 * Never returns, unless the rollout was stopped meanwhile. Nothing may be awaited after the last look at what came in:
 * what comes later, Temporal shows to this run before it lets it go.
 */
export async function goOnInNewRun(run: Rollout): Promise<void> {
  const { state, memory, undo, control, notices, usedProofs } = run;
  // Of whose proofs are being checked.
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  if (CancellationScope.current().consideredCancelled) control.stopped ??= { kind: 'cancelled' };
  if (control.stopped) return;
  const { historyLength, memo } = workflowInfo();
  state.note({
    kind: 'decision',
    sentence: `goes on in a new run, for this one has ${historyLength} events`,
  });
  const goOn = makeContinueAsNewFunc<NextRun>({ memo: { ...memo, startedAt: state.startedAt } });
  const carried = fit({
    state: { ...state },
    memory: memory.toJSON(),
    undo: undo.toJSON(),
    promotion: control.promotion,
    noticeSequence: notices.sequence,
    usedProofs: usedProofs.freshAt(Date.now()),
  });
  // The plan is among what the state knows; the spec would only take room.
  await goOn(null, carried);
}
