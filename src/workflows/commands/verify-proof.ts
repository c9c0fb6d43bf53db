/** Has the proof of a command's actor checked, which needs public keys. What is not known in time is not verified. */
import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { ProofVerification } from '../../activities/interface/results.js';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import type { PromoteCommand } from '../messages.js';
import { failureOf } from '../temporal/stop.js';

/** Shorter than a client waits for its answer. */
const checkSeconds = 10;

/** The command as it came: what was signed is that. */
export async function verifyCommandProof(
  command: string,
  { actor, reason, full = false, proof }: PromoteCommand & { proof: string },
): Promise<ProofVerification> {
  const { workflowId, firstExecutionRunId: firstRunId } = workflowInfo();
  const statement = { workflowId, firstRunId, command, actor, reason, full };
  const at = new Date().toISOString();
  const { verifyActor } = proxyRolloutActivities({
    scheduleToCloseSeconds: checkSeconds,
    summary: `who sends ${command}`,
    startToCloseSeconds: 5,
  });
  try {
    // What goes back must not take the answer with it.
    return await CancellationScope.nonCancellable(() => verifyActor({ statement, proof, at }));
  } catch (error) {
    const cause = failureOf(error);
    if (!cause) throw error;
    return { kind: 'unverifiable', message: `could not verify the signature: ${cause.message}` };
  }
}
