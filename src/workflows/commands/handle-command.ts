/** Commands as they come in: at once where there is no proof to check, or none may hold them up. Pure but for `check`. */
import type { ProofFinding } from '../../activities/interface/results.js';
import { entryOf, type Noted } from './command-entry.js';
import { legible } from './sanitize.js';
import { urgentCommands, type Command } from '../messages.js';
import type { UsedProofs } from './used-proofs.js';

/** What commands act on. */
export interface Levers<N extends string, C extends Command> {
  refusal(name: N, command: C): string | null;
  /** What a command that is not refused means; null where that cannot change while its proof is checked. */
  aim(name: N, command: C): string | null;
  /** Carries it out, or refuses it; noted either way. */
  command(name: N, command: C, checked?: Checked): Noted;
}

/** What is known of a command once its proof is checked. */
export interface Checked {
  finding: ProofFinding;
  /** Of the command when it came. */
  aim: string | null;
}

export type CheckProof = (name: string, given: Command & { proof: string }) => Promise<ProofFinding>;

export class Commands<N extends string, C extends Command> {
  constructor(
    private readonly levers: Levers<N, C>,
    private readonly check: CheckProof,
    private readonly usedProofs: UsedProofs,
  ) {}

  refusal(name: N, given: C): string | null {
    return this.levers.refusal(name, legible(given));
  }

  /** Null, or the refusal; a promise only where a proof is checked. */
  take(name: N, given: C): string | null | Promise<string | null> {
    const command = legible(given);
    if (this.levers.refusal(name, command) !== null || !isProven(given))
      return this.levers.command(name, command).refused;
    return urgentCommands.has(name)
      ? this.obeyThenCheck(name, command, given)
      : this.checkThenObey(name, command, given);
  }

  private async obeyThenCheck(name: N, command: C, given: C & { proof: string }): Promise<null> {
    const { entry } = this.levers.command(name, command);
    const finding = await this.findingOf(name, given);
    Object.assign(entry, entryOf(name, command, { refused: null, finding }));
    return null;
  }

  /** The rollout may have come further meanwhile: whether the command still makes sense is asked again. */
  private async checkThenObey(name: N, command: C, given: C & { proof: string }): Promise<string | null> {
    const aim = this.levers.aim(name, command);
    const finding = await this.findingOf(name, given);
    return this.levers.command(name, command, { finding, aim }).refused;
  }

  private async findingOf(name: N, given: C & { proof: string }): Promise<ProofFinding> {
    return this.usedProofs.use(given.actor, await this.check(name, given));
  }
}

function isProven<C extends Command>(given: C): given is C & { proof: string } {
  return given.proof !== undefined;
}
