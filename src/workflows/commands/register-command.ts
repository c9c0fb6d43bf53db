/** A command as signal and as update, the same for rollouts and waves. */
import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import { ApplicationFailure, setHandler } from '@temporalio/workflow';
import type { Commands } from './handle-command.js';
import type { Command } from '../messages.js';

/** By which it comes. */
export interface Ways<S, C extends Command> {
  signal: SignalDefinition<[C]>;
  update: UpdateDefinition<S, [C]>;
}

/** A signal that is refused is noted; an update is answered so. */
export function hear<N extends string, C extends Command, S>(
  commands: Commands<N, C>,
  name: N,
  { signal, update }: Ways<S, C>,
  status: () => S,
  description: string,
): void {
  const answer = (refused: string | null): S => {
    refuse(refused);
    return status();
  };
  const take = async (command: C) => {
    await commands.take(name, command);
  };
  setHandler(signal, take, { description });
  setHandler(
    update,
    (command: C) => {
      const taken = commands.take(name, command);
      return taken instanceof Promise ? taken.then(answer) : answer(taken);
    },
    { description, validator: (command: C) => refuse(commands.refusal(name, command)) },
  );
}

function refuse(refusal: string | null): void {
  if (refusal !== null) throw ApplicationFailure.nonRetryable(refusal, 'CommandRefused');
}
