/** A command as timelines have it: who said what, whether that was so, and whether it was obeyed. Pure. */
import type { ProofFinding } from '../../activities/interface/results.js';
import type { CommandEntry, PromoteCommand } from '../messages.js';

export interface Hearing {
  /** Why; null where it is obeyed. */
  refused: string | null;
  /** What its proof came to; null: it has none, or it is still being checked. */
  finding: ProofFinding | null;
}

/** A command, noted. */
export interface Noted {
  /** As it stands in the timeline. */
  entry: object;
  refused: string | null;
}

/** A signal may bring anything, nothing included. */
export function entryOf(
  command: string,
  given: PromoteCommand | undefined,
  { refused, finding }: Hearing,
): CommandEntry & { sentence: string } {
  const { actor = 'unknown', reason = '', full = false } = given ?? {};
  const identity = finding?.kind === 'verified' ? 'verified' : 'unverified';
  const said = `${command}${full ? ' full' : ''} by ${actor} (${identity}${whyUnverified(finding)}): ${reason}`;
  return {
    ...{ kind: 'command', command, actor, identity, reason, accepted: refused === null },
    sentence: refused === null ? said : `${said} (refused: ${refused})`,
  };
}

function whyUnverified(finding: ProofFinding | null): string {
  if (finding === null || finding.kind === 'verified') return '';
  return finding.kind === 'wrong' ? `, its proof is wrong: ${finding.sentence}` : `, ${finding.sentence}`;
}
