/** Replays the history of a rollout with the current workflow code, like a worker that takes it over. */
import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { workflowBundle } from './workflow-bundle.js';

/** Throws a `DeterminismViolationError` if the history does not replay. */
export async function assertReplays(
  handle: Pick<WorkflowHandle, 'workflowId' | 'fetchHistory'>,
): Promise<void> {
  const options = { workflowBundle: await workflowBundle() };
  await Worker.runReplayHistory(options, await handle.fetchHistory(), handle.workflowId);
}
