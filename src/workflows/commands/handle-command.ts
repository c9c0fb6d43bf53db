/**
 * Handles commands as they arrive. Commands without a proof and urgent commands are applied at once; the others after
 * their proof is verified. Pure, except for `check`.
 */
import type { ProofVerification } from '../../activities/interface/results.js';
import { sanitizeCommand } from './sanitize.js';
import { urgentCommands, type Command, type CommandEntry, type PromoteCommand } from '../messages.js';
import type { ProofReplayGuard } from './used-proofs.js';

/** The rollout or the waves. */
export interface CommandTarget<N extends string, C extends Command> {
  rejectionReason(name: N, command: C): string | null;
  /** The gate or bake that the command applies to; null if it applies to the whole target. */
  scope(name: N, command: C): string | null;
  /** Applies or rejects the command, and records it in the timeline. */
  command(name: N, command: C, checked?: CheckedProof): RecordedCommand;
}

/** The result of checking a command's proof. */
export interface CheckedProof {
  finding: ProofVerification;
  /** The command's scope when it arrived. */
  scope: string | null;
}

export type CheckProof = (name: string, given: Command & { proof: string }) => Promise<ProofVerification>;

export class CommandHandler<N extends string, C extends Command> {
  constructor(
    private readonly target: CommandTarget<N, C>,
    private readonly check: CheckProof,
    private readonly usedProofs: ProofReplayGuard,
  ) {}

  rejectionReason(name: N, given: C): string | null {
    return this.target.rejectionReason(name, sanitizeCommand(given));
  }

  /** Null if applied, else the reason of the rejection. A promise only if there is a proof to verify. */
  handle(name: N, given: C): string | null | Promise<string | null> {
    const command = sanitizeCommand(given);
    if (this.target.rejectionReason(name, command) !== null || !isProven(given))
      return this.target.command(name, command).rejection;
    return urgentCommands.has(name)
      ? this.applyThenVerify(name, command, given)
      : this.verifyThenApply(name, command, given);
  }

  private async applyThenVerify(name: N, command: C, given: C & { proof: string }): Promise<null> {
    const { entry } = this.target.command(name, command);
    const finding = await this.findingOf(name, given);
    Object.assign(entry, toTimelineEntry(name, command, { rejection: null, finding }));
    return null;
  }

  /** The rollout can move on during the check, so the command is validated again afterwards. */
  private async verifyThenApply(name: N, command: C, given: C & { proof: string }): Promise<string | null> {
    const scope = this.target.scope(name, command);
    const finding = await this.findingOf(name, given);
    return this.target.command(name, command, { finding, scope }).rejection;
  }

  private async findingOf(name: N, given: C & { proof: string }): Promise<ProofVerification> {
    return this.usedProofs.use(given.actor, await this.check(name, given));
  }
}

function isProven<C extends Command>(given: C): given is C & { proof: string } {
  return given.proof !== undefined;
}

interface CommandDecision {
  /** The reason of the rejection; null if the command is applied. */
  rejection: string | null;
  /** Result of the proof's check; null if there is no proof, or if its check still runs. */
  finding: ProofVerification | null;
}

/** A command that is in the timeline. */
export interface RecordedCommand {
  /** The entry in the timeline. It is updated when a later check of the proof ends. */
  entry: object;
  rejection: string | null;
}

/** `given`: undefined if a client sent a signal without an argument. */
export function toTimelineEntry(
  command: string,
  given: PromoteCommand | undefined,
  { rejection, finding }: CommandDecision,
): CommandEntry & { message: string } {
  const { actor = 'unknown', reason = '', full = false } = given ?? {};
  const identity = finding?.kind === 'verified' ? 'verified' : 'unverified';
  const said = `${command}${full ? ' full' : ''} by ${actor} (${identity}${unverifiedReason(finding)}): ${reason}`;
  return {
    ...{ kind: 'command', command, actor, identity, reason, accepted: rejection === null },
    message: rejection === null ? said : `${said} (rejected: ${rejection})`,
  };
}

function unverifiedReason(finding: ProofVerification | null): string {
  if (finding === null || finding.kind === 'verified') return '';
  return finding.kind === 'invalid' ? `, invalid signature: ${finding.message}` : `, ${finding.message}`;
}
