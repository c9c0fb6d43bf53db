/** Signs commands if the caller has a key. */
import { ActorKey } from '../identity/actor-key.js';
import { urgentCommands, type PromoteCommand } from '../workflows/messages.js';
import type { TemporalAccess } from './temporal/temporal-access.js';

type SigningEnvironment = Record<string, string | undefined>;

export class CommandSigner {
  constructor(private readonly env: SigningEnvironment | undefined) {}

  /** Adds a proof if there is a key and no proof yet. Fails: InvalidActorKeys, and the errors of `access`. */
  async sign<C extends PromoteCommand>(
    access: TemporalAccess,
    name: string,
    command: string,
    given: C,
  ): Promise<C> {
    if (given.proof !== undefined) return given;
    try {
      const key = ActorKey.read(this.env);
      if (key === null) return given;
      const { actor, reason, full = false } = given;
      const run = await access.firstRun(name);
      return { ...given, proof: await key.sign({ ...run, command, actor, reason, full }) };
    } catch (error) {
      // A rollback matters more than its signature. The timeline marks the command as unverified.
      if (urgentCommands.has(command)) return given;
      throw error;
    }
  }
}
