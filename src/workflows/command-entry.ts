/** A command as timelines have it: who said what, and whether it was obeyed. Pure. */
import type { CommandEntry, PromoteCommand } from './messages.js';

/** `refused`: why; null where it is obeyed. A signal may bring anything, nothing included. */
export function entryOf(
  command: string,
  given: PromoteCommand | undefined,
  refused: string | null,
): CommandEntry & { sentence: string } {
  const { actor = 'unknown', reason = '', full = false } = given ?? {};
  const identity = 'unverified';
  const sentence = `${command}${full ? ' full' : ''} by ${actor} (${identity}): ${reason}`;
  return {
    ...{ kind: 'command', command, actor, identity, reason, accepted: refused === null },
    sentence: refused === null ? sentence : `${sentence} (refused: ${refused})`,
  };
}
