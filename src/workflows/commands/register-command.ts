/** Registers a command as a signal and as an update, for rollouts and for waves. */
import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import { ApplicationFailure, setHandler } from '@temporalio/workflow';
import type { CommandHandler } from './handle-command.js';
import type { Command } from '../messages.js';

export interface CommandDefinitions<S, C extends Command> {
  signal: SignalDefinition<[C]>;
  update: UpdateDefinition<S, [C]>;
}

/** A rejected signal is recorded in the timeline. A rejected update fails with `CommandRejected`. */
export function registerCommandHandler<N extends string, C extends Command, S>(
  commands: CommandHandler<N, C>,
  name: N,
  { signal, update }: CommandDefinitions<S, C>,
  status: () => S,
  description: string,
): void {
  const answer = (rejection: string | null): S => {
    throwIfRejected(rejection);
    return status();
  };
  const take = async (command: C) => {
    await commands.handle(name, command);
  };
  setHandler(signal, take, { description });
  setHandler(
    update,
    (command: C) => {
      const taken = commands.handle(name, command);
      return taken instanceof Promise ? taken.then(answer) : answer(taken);
    },
    { description, validator: (command: C) => throwIfRejected(commands.rejectionReason(name, command)) },
  );
}

function throwIfRejected(rejection: string | null): void {
  if (rejection !== null) throw ApplicationFailure.nonRetryable(rejection, 'CommandRejected');
}
