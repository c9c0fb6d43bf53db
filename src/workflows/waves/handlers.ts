/** Registers the signals, updates and queries of waves, with the descriptions that the Web UI shows. */
import { setHandler } from '@temporalio/workflow';
import { CommandHandler } from '../commands/handle-command.js';
import { registerCommandHandler, type CommandDefinitions } from '../commands/register-command.js';
import { abortSignal, pauseSignal, resumeSignal, type Command } from '../messages.js';
import { verifyCommandProof } from '../commands/verify-proof.js';
import { ProofReplayGuard } from '../commands/used-proofs.js';
import type { WavesCommand, WavesControl } from './control.js';
import * as messages from './messages.js';
import type { WavesStatus } from './messages.js';
import type { WavesState } from './state.js';

export function registerWavesHandlers(state: WavesState, control: WavesControl): void {
  const commands = new CommandHandler<WavesCommand, Command>(
    control,
    verifyCommandProof,
    new ProofReplayGuard(),
  );
  const status = () => state.status();
  for (const name of ['abort', 'pause', 'resume'] as const)
    registerCommandHandler(commands, name, definitions[name], status, descriptions[name]);
  setHandler(messages.rollbackWindowReachedSignal, (signal) => control.reached(signal), {
    description: 'Sent by a rollout of these waves when its rollback window begins.',
  });
  setHandler(messages.wavesStatusQuery, () => state.status(), {
    description: 'Phase, wave, and the state of each rollout.',
  });
  setHandler(messages.wavesTimelineQuery, () => state.timeline, {
    description: 'Decisions, commands and the ends of rollouts, in order.',
  });
}

const definitions: Record<WavesCommand, CommandDefinitions<WavesStatus, Command>> = {
  abort: { signal: abortSignal, update: messages.abortWavesUpdate },
  pause: { signal: pauseSignal, update: messages.pauseWavesUpdate },
  resume: { signal: resumeSignal, update: messages.resumeWavesUpdate },
};

const descriptions: Record<WavesCommand, string> = {
  abort:
    'Start no further wave and roll back running rollouts; with onFailure: rollBack also those in their rollback window. {"actor", "reason"}',
  pause: 'Start no further wave; running rollouts continue. {"actor", "reason"}',
  resume: 'Continue with the next wave after a pause. {"actor", "reason"}',
};
