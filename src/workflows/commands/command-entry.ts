/** A command as timelines have it: who said what, whether that was so, and whether it was obeyed. Pure. */
import type { ProofVerification } from '../../activities/interface/results.js';
import type { CommandEntry, PromoteCommand } from '../messages.js';

export interface CommandDecision {
  /** Why; null where it is obeyed. */
  refused: string | null;
  /** What its proof came to; null: it has none, or it is still being checked. */
  finding: ProofVerification | null;
}

/** A command, noted. */
export interface RecordedCommand {
  /** As it stands in the timeline. */
  entry: object;
  refused: string | null;
}

/** A signal may bring anything, nothing included. */
export function toTimelineEntry(
  command: string,
  given: PromoteCommand | undefined,
  { refused, finding }: CommandDecision,
): CommandEntry & { message: string } {
  const { actor = 'unknown', reason = '', full = false } = given ?? {};
  const identity = finding?.kind === 'verified' ? 'verified' : 'unverified';
  const said = `${command}${full ? ' full' : ''} by ${actor} (${identity}${unverifiedReason(finding)}): ${reason}`;
  return {
    ...{ kind: 'command', command, actor, identity, reason, accepted: refused === null },
    message: refused === null ? said : `${said} (refused: ${refused})`,
  };
}

function unverifiedReason(finding: ProofVerification | null): string {
  if (finding === null || finding.kind === 'verified') return '';
  return finding.kind === 'invalid' ? `, its proof is wrong: ${finding.message}` : `, ${finding.message}`;
}
