/**
 * Composition root of the Lambda function that starts a rollout when a version is approved. The handler is
 * `approvals.handler`. PENSTOCK_ROLLOUT_SPEC names the spec in the function's package, PENSTOCK_TASK_QUEUE the queue of the
 * workers. TEMPORAL_* variables configure Temporal.
 */
import { readSpecFile } from './cli/support/spec-file.js';
import { RolloutClient } from './client.js';
import { approvalIn } from './client/approvals/approval-event.js';
import { startApproved, type ApprovalResult } from './client/approvals/start-approved.js';
import { taskQueue } from './workflows/messages.js';

/** Opened once per container. After a failure, the next event tries again. */
let opening: Promise<RolloutClient> | null = null;

/** Fails if the rollout cannot start: Lambda then repeats the event, and keeps it in the queue of failed events. */
export async function handler(event: unknown): Promise<ApprovalResult | { result: 'ignored' }> {
  const approval = approvalIn(event);
  if (approval === null) return { result: 'ignored' };
  const { PENSTOCK_ROLLOUT_SPEC: file = 'rollout.yaml', PENSTOCK_TASK_QUEUE: queue = taskQueue } =
    process.env;
  const { json } = readSpecFile(file);
  opening ??= RolloutClient.connect();
  const rollouts = await opening.catch((error: unknown) => {
    opening = null;
    throw error;
  });
  const result = await startApproved(rollouts, json, approval, queue);
  process.stderr.write(`INFO ${result.result} ${result.workflowId} for ${approval.version}\n`);
  return result;
}
