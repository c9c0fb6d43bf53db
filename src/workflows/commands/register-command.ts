/** A command as signal and as update, the same for rollouts and waves. */
import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import { ApplicationFailure, setHandler } from '@temporalio/workflow';
import type { CommandHandler } from './handle-command.js';
import type { Command } from '../messages.js';

/** By which it comes. */
export interface CommandDefinitions<S, C extends Command> {
  signal: SignalDefinition<[C]>;
  update: UpdateDefinition<S, [C]>;
}

/** A signal that is refused is noted; an update is answered so. */
export function registerCommandHandler<N extends string, C extends Command, S>(
  commands: CommandHandler<N, C>,
  name: N,
  { signal, update }: CommandDefinitions<S, C>,
  status: () => S,
  description: string,
): void {
  const answer = (refused: string | null): S => {
    refuse(refused);
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
    { description, validator: (command: C) => refuse(commands.rejectionReason(name, command)) },
  );
}

function refuse(rejectionReason: string | null): void {
  if (rejectionReason !== null) throw ApplicationFailure.nonRetryable(rejectionReason, 'CommandRejected');
}
