import { cancellationSignal, Context } from '@temporalio/activity';
import { splitMemoKey, type Split } from '../../plan/split/split.js';
import { retryableFailure } from '../temporal/failures.js';

/** Returns the split that a workflow has published; null before it has published one. */
export type SplitReader = (workflowId: string) => Promise<Split | null>;

/** Reads the workflow's memo with the worker's own client. */
export const readPublishedSplit: SplitReader = async (workflowId) => {
  const handle = Context.current().client.workflow.getHandle(workflowId);
  try {
    const { memo } = await handle.describe();
    return (memo?.[splitMemoKey] as Split | undefined) ?? null;
  } catch (cause) {
    // The cancellation of an activity also cancels its client.
    if (cancellationSignal().aborted) return await Context.current().cancelled;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw retryableFailure('Unavailable', `cannot read the split of ${workflowId}: ${reason}`, { cause });
  }
};
