/** Which command makes sense when. Pure: the answer is null (accepted) or the sentence of the refusal. */
import type { Outcome, Phase } from '../plan/outcome.js';
import type { AlarmSignal, Command, PromoteCommand } from './messages.js';

/** What the rules look at. */
export interface Situation {
  phase: Phase;
  paused: boolean;
  /** How it will end, where that is settled already. */
  outcome: Outcome | null;
  /** An abort, an alarm or a failure has turned the rollout round. */
  stopping: boolean;
}

export type CommandName = 'promote' | 'abort' | 'pause' | 'resume';

export function refusalOf(name: CommandName, command: PromoteCommand, situation: Situation): string | null {
  const malformed = malformedCommand(name, command);
  if (malformed) return malformed;
  if (situation.phase === 'ended') return `the rollout has ended: ${situation.outcome}`;
  switch (name) {
    case 'abort':
      return refuseAbort(situation);
    case 'promote':
      return refusePromote(command, situation);
    case 'pause':
      if (situation.stopping) return 'the rollout is being taken back; there is nothing left to pause';
      if (situation.paused) return 'the rollout is paused already';
      return settled(situation) ? 'the candidate is promoted; only tidying is left' : null;
    case 'resume':
      return situation.paused ? null : 'the rollout is not paused';
  }
}

/** Abort wins over everything but a verified promotion. Where the way back is under way it is simply accepted. */
function refuseAbort(situation: Situation): string | null {
  if (!settled(situation) || situation.stopping) return null;
  return 'the candidate is promoted and serves all traffic; to go back, start a rollout the other way';
}

function refusePromote(command: PromoteCommand, situation: Situation): string | null {
  const { phase, paused, stopping } = situation;
  if (stopping) return 'the rollout is being taken back';
  if (paused) return 'the rollout is paused; resume it first';
  if (phase === 'baking') return null;
  if (phase === 'shifting' && command.full) return null;
  if (phase === 'shifting')
    return 'the weights are being changed; promote when the bake has begun, or promote full';
  return `there is nothing to promote while the rollout is ${phase}; it can be promoted while it bakes`;
}

function settled(situation: Situation): boolean {
  return situation.outcome !== null || situation.phase === 'cleaningUp';
}

/** Any Temporal SDK or the Web UI may send anything. */
function malformedCommand(name: string, command: unknown): string | null {
  const allowed = `{"actor": "who", "reason": "why"}`;
  if (typeof command !== 'object' || command === null) {
    return `${name} takes one object, ${allowed}; found ${JSON.stringify(command) ?? 'nothing'}`;
  }
  for (const key of ['actor', 'reason'] as const) {
    const value = (command as Partial<Command>)[key];
    if (typeof value !== 'string' || value.trim() === '' || value.length > 1000) {
      return `${name}: "${key}" must be a text of 1 to 1000 characters, as in ${allowed}`;
    }
  }
  const full = (command as PromoteCommand).full;
  if (full !== undefined && typeof full !== 'boolean') return `${name}: "full" must be true or false`;
  return null;
}

/** A pushed alarm as it came; null where it is not one. */
export function readAlarm(payload: unknown): AlarmSignal | null {
  if (typeof payload !== 'object' || payload === null) return null;
  const { name, state, reason } = payload as Partial<AlarmSignal>;
  if (typeof name !== 'string' || typeof state !== 'string') return null;
  return { name, state, reason: typeof reason === 'string' ? reason : 'no reason given' };
}
