/** Whether a rollout that has been played could go on with the workflow code as it stands, on a worker that starts cold. */
import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { workflowBundle } from './workflow-bundle.js';

/** Throws a `DeterminismViolationError` where it could not. */
export async function assertReplays(
  handle: Pick<WorkflowHandle, 'workflowId' | 'fetchHistory'>,
): Promise<void> {
  const options = { workflowBundle: await workflowBundle() };
  await Worker.runReplayHistory(options, await handle.fetchHistory(), handle.workflowId);
}
