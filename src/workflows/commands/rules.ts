/** Rules for commands. Pure: each returns null (accepted) or the reason of the rejection. */
import type { ProofVerification } from '../../activities/interface/results.js';
import type { Outcome, Phase } from '../../plan/outcome.js';
import type { Gate } from '../../plan/compiled/gate.js';
import { findMalformedCommand } from './sanitize.js';
import { urgentCommands, type Command, type PromoteCommand } from '../messages.js';

/** The part of the rollout's state that decides whether a command is accepted. */
export interface CommandState {
  phase: Phase;
  stage: number;
  paused: boolean;
  /** The rollback window has begun. A freeze can keep it open for longer than planned. */
  canUndo: boolean;
  /** Set before the end of the rollout once the outcome is decided. */
  outcome: Outcome | null;
  /** An abort, an alarm or a failure has stopped the rollout. */
  stopping: boolean;
  /** The rollout holds, or waits to retry. */
  holding: boolean;
  startedBy: string;
  /** The gate that the rollout waits at, and the actors who have approved it. */
  gate: { gate: Gate; approvals: string[] } | null;
}

export const commandNames = ['promote', 'abort', 'pause', 'resume', 'approve', 'retry', 'undo'] as const;
export type CommandName = (typeof commandNames)[number];

/** `finding`: result of the proof's check; null if there is no proof, or if its check still runs. */
export function validateCommand(
  name: CommandName,
  command: PromoteCommand,
  state: CommandState,
  finding: ProofVerification | null = null,
): string | null {
  const malformed = findMalformedCommand(name, command);
  if (malformed) return malformed;
  if (state.phase === 'ended') return `the rollout has ended: ${state.outcome}`;
  switch (name) {
    case 'abort':
      return validateAbort(state);
    case 'promote':
      return validatePromote(command, state);
    case 'pause':
      if (state.stopping) return 'the rollout is rolling back; nothing to pause';
      if (state.paused) return 'the rollout is already paused';
      return isDecided(state) ? 'the candidate is promoted; only cleanup remains' : null;
    case 'resume':
      return state.paused ? null : 'the rollout is not paused';
    case 'approve':
      return validateApproval(command, state, finding);
    case 'retry':
      return state.holding ? null : 'the rollout is not holding; nothing to retry';
    case 'undo':
      return validateUndo(state);
  }
}

/**
 * An invalid signature is rejected. One that could not be verified counts as unsigned. Neither blocks abort, undo or
 * pause.
 */
export function validateProof(name: string, finding: ProofVerification | null): string | null {
  if (urgentCommands.has(name)) return null;
  return finding?.kind === 'invalid' ? `the signature is invalid: ${finding.message}` : null;
}

/**
 * A client that has given up has reported a failure, so its command must not happen later. A worker can get an update
 * long after the client has given up: the server delivers it when a worker returns. `nowMs`: workflow time.
 */
export function validateExpiry({ expires }: Command, nowMs: number): string | null {
  if (expires === undefined || nowMs <= Date.parse(expires)) return null;
  return (
    `the command expired at ${expires}, and Temporal's time is ${new Date(nowMs).toISOString()}; send it again, ` +
    `and if it expires again, check the clock of the machine that sent it`
  );
}

/** The gate or bake that a command was sent for; null if it applies to the whole rollout. */
export function scopeOf(
  name: CommandName,
  { full }: PromoteCommand,
  { phase, stage, gate }: CommandState,
): string | null {
  const isAimed = name === 'approve' || (name === 'promote' && full !== true);
  return isAimed ? [phase, stage, gate?.gate.id].join(' ') : null;
}

/** `meant`: the scope when the command arrived. The command must not apply to a later gate or bake. */
export function validateScope(meant: string | null, found: string | null): string | null {
  return meant === found
    ? null
    : 'the rollout has moved on since this command was signed; check its status and send the command again';
}

/** Abort overrides everything except a verified promotion. It is accepted and has no effect during a rollback. */
function validateAbort(state: CommandState): string | null {
  if (!isDecided(state) || state.stopping) return null;
  return 'the candidate is promoted and serves alone; start the spec that penstock reverse prints to return to the previous model';
}

function validateUndo(state: CommandState): string | null {
  if (state.stopping) return 'the rollout is already rolling back';
  if (isDecided(state)) return validateAbort(state);
  if (state.canUndo || state.phase === 'promoting') return null;
  return `nothing is promoted yet (phase ${state.phase}); use abort to roll back`;
}

function validatePromote(command: PromoteCommand, state: CommandState): string | null {
  const { phase, paused, stopping, gate } = state;
  if (stopping) return 'the rollout is rolling back';
  if (paused) return 'the rollout is paused; resume it first';
  if (phase === 'baking' || phase === 'rollbackWindow') return null;
  if (gate) return validatePromoteAt(gate.gate, command);
  if (phase === 'shifting' && command.full) return null;
  if (phase === 'shifting')
    return 'the weights are changing; promote when the bake has started, or use promote --full';
  return `nothing to promote in phase ${phase}; promote while the rollout is baking`;
}

/** A promote opens manual gates and gates for hours. It does not replace approvals or a webhook. */
function validatePromoteAt(gate: Gate, { full }: PromoteCommand): string | null {
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

function validateApproval(
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
  return gate.gate.verified ? validateVerification(gate.gate, command, finding) : null;
}

/** A proof that is not checked yet passes here. `validateProof` rejects an invalid one. */
function validateVerification(
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

function isDecided(state: CommandState): boolean {
  return state.outcome !== null || state.phase === 'cleaningUp';
}
