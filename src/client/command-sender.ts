/** Sends commands. A command that the caller sees fail does not happen later, unless the error says that it is kept. */
import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import type { Command } from '../workflows/messages.js';
import { NoWorker, TemporalUnreachable, type UnansweredCommand } from './errors.js';
import type { CommandSigner } from './signing.js';
import type { TemporalAccess } from './temporal/temporal-access.js';

/**
 * Part of the waiting time after which a command expires. In the rest of it, the answer to a command that was applied at
 * the last moment arrives.
 */
const expiresAfterPart = 0.8;

export class CommandSender {
  /** `answerSeconds`: how long a caller waits for the answer. */
  constructor(
    private readonly access: TemporalAccess,
    private readonly signing: CommandSigner,
    private readonly answerSeconds: number,
  ) {}

  /**
   * The command expires before the caller sees it fail. Fails: CommandRejected, NoWorker. Null if it was accepted and the
   * workflow ended before it responded. `updateId`: the same id twice is the same command once.
   */
  async send<S, C extends Command>(
    name: string,
    update: UpdateDefinition<S, [C]>,
    command: C,
    updateId?: string,
  ): Promise<S | null> {
    const signed = await this.signing.sign(this.access, name, update.name, command);
    const expires = new Date(Date.now() + expiresAfterPart * this.answerSeconds * 1000).toISOString();
    return sayingWhatBecomesOf({ command: update.name, expires }, () =>
      this.access.update(name, update, { ...signed, expires }, updateId),
    );
  }

  /**
   * For rollbacks. They do not expire: without a worker, the command is sent as a signal, which Temporal keeps for the
   * next one. Fails as `send` does.
   */
  async sendOrKeep<S, C extends Command>(
    name: string,
    update: UpdateDefinition<S, [C]>,
    signal: SignalDefinition<[C]>,
    command: C,
    updateId?: string,
  ): Promise<S | null> {
    const sign = () => this.signing.sign(this.access, name, update.name, command);
    return sayingWhatBecomesOf({ command: update.name, expires: null }, async () => {
      try {
        return await this.access.update(name, update, await sign(), updateId);
      } catch (error) {
        // A signature counts once, and the update may still be applied.
        if (error instanceof NoWorker) await this.access.signal(name, signal, await sign());
        throw error;
      }
    });
  }
}

async function sayingWhatBecomesOf<T>(unanswered: UnansweredCommand, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const isUnanswered = error instanceof NoWorker || error instanceof TemporalUnreachable;
    throw isUnanswered ? error.forCommand(unanswered) : error;
  }
}
