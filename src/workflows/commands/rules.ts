/** Which command makes sense when. Pure: the answer is null (accepted) or the sentence of the refusal. */
import type { ProofVerification } from '../../activities/interface/results.js';
import type { Outcome, Phase } from '../../plan/outcome.js';
import type { Gate } from '../../plan/compiled/gate.js';
import { findMalformedCommand } from './sanitize.js';
import { urgentCommands, type PromoteCommand } from '../messages.js';

/** What the rules look at. */
export interface CommandState {
  phase: Phase;
  stage: number;
  paused: boolean;
  /** The rollback window has begun; a freeze may keep it open for longer than it was meant to. */
  canUndo: boolean;
  /** How it will end, where that is settled already. */
  outcome: Outcome | null;
  /** An abort, an alarm or a failure has turned the rollout round. */
  stopping: boolean;
  /** Something is held, or is tried again after a while. */
  holding: boolean;
  startedBy: string;
  /** The gate that the rollout stands before, and who has approved. */
  gate: { gate: Gate; approvals: string[] } | null;
}

export const commandNames = ['promote', 'abort', 'pause', 'resume', 'approve', 'retry', 'undo'] as const;
export type CommandName = (typeof commandNames)[number];

/** `finding`: what the command's proof came to; null where that is not known yet, or there is none. */
export function validateCommand(
  name: CommandName,
  command: PromoteCommand,
  situation: CommandState,
  finding: ProofVerification | null = null,
): string | null {
  const malformed = findMalformedCommand(name, command);
  if (malformed) return malformed;
  if (situation.phase === 'ended') return `the rollout has ended: ${situation.outcome}`;
  switch (name) {
    case 'abort':
      return refuseAbort(situation);
    case 'promote':
      return refusePromote(command, situation);
    case 'pause':
      if (situation.stopping) return 'the rollout is rolling back; nothing to pause';
      if (situation.paused) return 'the rollout is already paused';
      return isDecided(situation) ? 'the candidate is promoted; only cleanup remains' : null;
    case 'resume':
      return situation.paused ? null : 'the rollout is not paused';
    case 'approve':
      return refuseApproval(command, situation, finding);
    case 'retry':
      return situation.holding ? null : 'the rollout is not holding; nothing to retry';
    case 'undo':
      return refuseUndo(situation);
  }
}

/** A proof that says something else is worse than none; one that nobody could look at is as none. It stops no stop. */
export function validateProof(name: string, finding: ProofVerification | null): string | null {
  if (urgentCommands.has(name)) return null;
  return finding?.kind === 'invalid' ? `the signature is invalid: ${finding.message}` : null;
}

/** What a command means, of the things that come one after another; null where it means the rollout as a whole. */
export function scopeOf(
  name: CommandName,
  { full }: PromoteCommand,
  { phase, stage, gate }: CommandState,
): string | null {
  const isAimed = name === 'approve' || (name === 'promote' && full !== true);
  return isAimed ? [phase, stage, gate?.gate.id].join(' ') : null;
}

/** `meant`: the aim when it came. What takes the place of that opens to nobody who has not seen it. */
export function validateScope(meant: string | null, found: string | null): string | null {
  return meant === found ? null : 'the rollout has moved on since this command was signed; check its status and send the command again';
}

/** Abort wins over everything but a verified promotion. Where the way back is under way it is simply accepted. */
function refuseAbort(situation: CommandState): string | null {
  if (!isDecided(situation) || situation.stopping) return null;
  return 'the candidate is promoted and serves alone; start the spec that penstock reverse prints to return to the previous model';
}

function refuseUndo(situation: CommandState): string | null {
  if (situation.stopping) return 'the rollout is already rolling back';
  if (isDecided(situation)) return refuseAbort(situation);
  if (situation.canUndo || situation.phase === 'promoting') return null;
  return `nothing is promoted yet (phase ${situation.phase}); use abort to roll back`;
}

function refusePromote(command: PromoteCommand, situation: CommandState): string | null {
  const { phase, paused, stopping, gate } = situation;
  if (stopping) return 'the rollout is rolling back';
  if (paused) return 'the rollout is paused; resume it first';
  if (phase === 'baking' || phase === 'rollbackWindow') return null;
  if (gate) return refusePromoteAt(gate.gate, command);
  if (phase === 'shifting' && command.full) return null;
  if (phase === 'shifting')
    return 'the weights are changing; promote when the bake has started, or use promote --full';
  return `nothing to promote in phase ${phase}; promote while the rollout is baking`;
}

/** A person may decide what was left to a person, or to the clock; not what was left to others. */
function refusePromoteAt(gate: Gate, { full }: PromoteCommand): string | null {
  switch (gate.kind) {
    case 'manual':
    case 'hours':
      return null;
    case 'approval':
      return full ? null : `gate ${gate.id} waits for approvals, not for promote`;
    case 'webhook':
      return full ? null : `gate ${gate.id} waits for its webhook, not for promote`;
  }
}

function refuseApproval(
  command: PromoteCommand,
  { gate, startedBy, stopping }: CommandState,
  finding: ProofVerification | null,
): string | null {
  const { actor } = command;
  if (stopping) return 'the rollout is rolling back';
  if (gate?.gate.kind !== 'approval') return 'no gate is waiting for an approval';
  if (gate.approvals.includes(actor)) return `${actor} has already approved; each person counts once`;
  if (actor === startedBy && !gate.gate.allowStarter)
    return `${actor} started the rollout and cannot approve it`;
  return gate.gate.verified ? refuseUnverified(gate.gate, command, finding) : null;
}

/** A proof that is still to be checked may turn out good; a wrong one is refused anyway. */
function refuseUnverified(
  { id }: Gate,
  { proof }: PromoteCommand,
  finding: ProofVerification | null,
): string | null {
  if (proof === undefined)
    return `gate ${id} counts only verified approvals: no signature; sign with the key in PENSTOCK_ACTOR_KEY_FILE`;
  return finding?.kind === 'unverifiable'
    ? `gate ${id} counts only verified approvals: ${finding.message}`
    : null;
}

function isDecided(situation: CommandState): boolean {
  return situation.outcome !== null || situation.phase === 'cleaningUp';
}
