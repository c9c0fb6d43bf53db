/** Verifies a command's proof in an activity, which has the public keys. No result in time counts as unverifiable. */
import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { ProofVerification } from '../../activities/interface/results.js';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import type { PromoteCommand } from '../messages.js';
import { failureOf } from '../temporal/stop.js';

/** Shorter than a client waits for the result of an update. */
const checkSeconds = 10;

/** Takes the command as it arrived, not sanitized, because the signature covers that text. */
export async function verifyCommandProof(
  command: string,
  { actor, reason, full = false, proof }: PromoteCommand & { proof: string },
): Promise<ProofVerification> {
  const { workflowId, firstExecutionRunId: firstRunId } = workflowInfo();
  const statement = { workflowId, firstRunId, command, actor, reason, full };
  const at = new Date().toISOString();
  const { verifyActor } = proxyRolloutActivities({
    scheduleToCloseSeconds: checkSeconds,
    summary: `verify the signature of ${command}`,
    startToCloseSeconds: 5,
  });
  try {
    // A cancellation of the workflow must not cancel the check of a command.
    return await CancellationScope.nonCancellable(() => verifyActor({ statement, proof, at }));
  } catch (error) {
    const cause = failureOf(error);
    if (!cause) throw error;
    return { kind: 'unverifiable', message: `could not verify the signature: ${cause.message}` };
  }
}
