/** Connects signals, updates and queries to the waves, each with the description that the Web UI shows. */
import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import { ApplicationFailure, setHandler } from '@temporalio/workflow';
import { legible } from '../command-form.js';
import { abortSignal, pauseSignal, resumeSignal, type Command } from '../messages.js';
import type { WavesCommand, WavesControl } from './control.js';
import * as messages from './messages.js';
import type { WavesStatus } from './messages.js';
import type { WavesState } from './state.js';

export function listenToWaves(state: WavesState, control: WavesControl): void {
  const answer = (
    name: WavesCommand,
    signal: SignalDefinition<[Command]>,
    update: UpdateDefinition<WavesStatus, [Command]>,
    description: string,
  ) => {
    const carryOut = (command: Command) => control.command(name, legible(command));
    setHandler(signal, carryOut, { description });
    setHandler(update, (command: Command) => (carryOut(command), state.status()), {
      description,
      validator: (command: Command) => {
        const refusal = control.refusal(name, legible(command));
        if (refusal !== null) throw ApplicationFailure.nonRetryable(refusal, 'CommandRefused');
      },
    });
  };
  answer('abort', abortSignal, messages.abortWavesUpdate, descriptions.abort);
  answer('pause', pauseSignal, messages.pauseWavesUpdate, descriptions.pause);
  answer('resume', resumeSignal, messages.resumeWavesUpdate, descriptions.resume);
  setHandler(messages.reachedSignal, (news) => control.reached(news), {
    description: 'Sent by a rollout of these waves when its rollback window begins.',
  });
  setHandler(messages.wavesStatusQuery, () => state.status(), {
    description: 'Phase, wave, and how the rollout of each endpoint stands.',
  });
  setHandler(messages.wavesTimelineQuery, () => state.timeline, {
    description: 'Decisions, commands and the ends of rollouts, in order.',
  });
}

const descriptions: Record<WavesCommand, string> = {
  abort:
    'No further wave; rollouts under way are taken back, and with onFailure: rollBack those in their rollback window too. {"actor", "reason"}',
  pause: 'Begin no further wave; the rollouts under way go on. {"actor", "reason"}',
  resume: 'Go on with the next wave after a pause. {"actor", "reason"}',
};
