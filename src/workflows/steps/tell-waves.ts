/** Where a rollout is part of waves, these are told when the next may begin. */
import { CancellationScope, getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import type { RolloutState } from '../state/state.js';
import { rollbackWindowReachedSignal } from '../waves/messages.js';

/** Nothing waits for it: waves that are gone need not know, and an abort meanwhile must not lose the news. */
export function notifyParent(state: RolloutState): void {
  const { parent } = workflowInfo();
  if (!parent) return;
  const waves = getExternalWorkflowHandle(parent.workflowId, parent.runId);
  const news = { endpoint: state.endpoint, phase: 'rollbackWindow' as const };
  CancellationScope.nonCancellable(() => waves.signal(rollbackWindowReachedSignal, news)).catch(
    (error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      state.addTimelineEntry({ kind: 'decision', message: `could not tell ${parent.workflowId}: ${why}` });
    },
  );
}
