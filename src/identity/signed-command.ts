/** The statement that an actor signs: one command of one rollout, for one use within five minutes. */
import { createHash } from 'node:crypto';

export interface SignedCommand {
  workflowId: string;
  /** First run of the chain. It identifies the rollout also after continue-as-new. */
  firstRunId: string;
  command: string;
  actor: string;
  reason: string;
  /** The option of `promote`. */
  full: boolean;
}

export const algorithm = 'EdDSA';
export const audience = 'penstock';
export const lifetimeSeconds = 300;
/** Tolerated difference between the clocks of the signer and of Temporal. */
export const leewaySeconds = 60;

/** The claims about the command, in addition to the actor and the time. */
export function claimsOf({ workflowId, firstRunId, command, reason, full }: SignedCommand) {
  const digest = createHash('sha256').update(JSON.stringify({ reason, full }));
  return { wf: workflowId, run: firstRunId, cmd: command, arg: digest.digest('base64url') };
}
