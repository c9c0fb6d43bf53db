/** Commands as they come in: at once where there is no proof to check, or none may hold them up. Pure but for `check`. */
import type { ProofVerification } from '../../activities/interface/results.js';
import { sanitizeCommand } from './sanitize.js';
import { urgentCommands, type Command, type CommandEntry, type PromoteCommand } from '../messages.js';
import type { ProofReplayGuard } from './used-proofs.js';

/** What commands act on. */
export interface CommandTarget<N extends string, C extends Command> {
  rejectionReason(name: N, command: C): string | null;
  /** What a command that is not refused means; null where that cannot change while its proof is checked. */
  scope(name: N, command: C): string | null;
  /** Carries it out, or refuses it; noted either way. */
  command(name: N, command: C, checked?: CheckedProof): RecordedCommand;
}

/** What is known of a command once its proof is checked. */
export interface CheckedProof {
  finding: ProofVerification;
  /** Of the command when it came. */
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

  /** Null, or the refusal; a promise only where a proof is checked. */
  handle(name: N, given: C): string | null | Promise<string | null> {
    const command = sanitizeCommand(given);
    if (this.target.rejectionReason(name, command) !== null || !isProven(given))
      return this.target.command(name, command).refused;
    return urgentCommands.has(name)
      ? this.applyThenVerify(name, command, given)
      : this.verifyThenApply(name, command, given);
  }

  private async applyThenVerify(name: N, command: C, given: C & { proof: string }): Promise<null> {
    const { entry } = this.target.command(name, command);
    const finding = await this.findingOf(name, given);
    Object.assign(entry, toTimelineEntry(name, command, { refused: null, finding }));
    return null;
  }

  /** The rollout may have come further meanwhile: whether the command still makes sense is asked again. */
  private async verifyThenApply(name: N, command: C, given: C & { proof: string }): Promise<string | null> {
    const scope = this.target.scope(name, command);
    const finding = await this.findingOf(name, given);
    return this.target.command(name, command, { finding, scope }).refused;
  }

  private async findingOf(name: N, given: C & { proof: string }): Promise<ProofVerification> {
    return this.usedProofs.use(given.actor, await this.check(name, given));
  }
}

function isProven<C extends Command>(given: C): given is C & { proof: string } {
  return given.proof !== undefined;
}

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
