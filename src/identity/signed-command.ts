/** What an actor signs: one command of one rollout, for one use within some minutes. */
import { createHash } from 'node:crypto';

export interface SignedCommand {
  workflowId: string;
  /** Of the chain: a rollout that goes on in a new run is the same. */
  firstRunId: string;
  command: string;
  actor: string;
  reason: string;
  /** Of `promote`. */
  full: boolean;
}

export const algorithm = 'EdDSA';
export const audience = 'penstock';
export const lifetimeSeconds = 300;
/** Between the clocks of who signs and of Temporal. */
export const leewaySeconds = 60;

/** What is said of the command besides who says it and when, as claims. */
export function claimsOf({ workflowId, firstRunId, command, reason, full }: SignedCommand) {
  const digest = createHash('sha256').update(JSON.stringify({ reason, full }));
  return { wf: workflowId, run: firstRunId, cmd: command, arg: digest.digest('base64url') };
}
