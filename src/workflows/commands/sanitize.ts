/** Any Temporal SDK or the Web UI may send anything: what came in, as what it should be. Pure. */
import type { AlarmSignal, Command, PromoteCommand } from '../messages.js';

const maxTextLength = 1000;
/** It says the actor's name again. */
const maxProofLength = 10_000;
/** Of CloudWatch. */
const maxAlarmNameLength = 255;

/**
 * A command as it came, fit to be noted whether it is obeyed or not: its texts are texts, of no more than they may have
 * and a letter, and without what a terminal would obey. What is no text is no longer there.
 */
export function sanitizeCommand<C>(command: C): C {
  if (typeof command !== 'object' || command === null) return command;
  const { actor, reason, full, proof } = command as Partial<Record<string, unknown>>;
  const texts = { ...textOf('actor', actor), ...textOf('reason', reason) };
  return {
    ...texts,
    ...(full === undefined ? {} : { full: typeof full === 'boolean' ? full : null }),
    ...(proof === undefined
      ? {}
      : { proof: typeof proof === 'string' ? clean(proof, maxProofLength + 1) : null }),
  } as C;
}

function textOf(key: string, value: unknown): Record<string, string> {
  return typeof value === 'string' ? { [key]: clean(value, maxTextLength + 1) } : {};
}

function cleanIfText(value: unknown): unknown {
  return typeof value === 'string' ? clean(value, 80) : value;
}

function clean(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replace(/(?![\n\t])[\p{Cc}\p{Cs}]/gu, ' ');
}

/** Null where the command is well formed. */
export function findMalformedCommand(name: string, command: unknown): string | null {
  const allowed = `{"actor": "who", "reason": "why"}`;
  if (typeof command !== 'object' || command === null) {
    const found = command === undefined ? 'nothing' : JSON.stringify(cleanIfText(command));
    return `${name}: expected one object, ${allowed}, got ${found}`;
  }
  for (const key of ['actor', 'reason'] as const) {
    const value = (command as Partial<Command>)[key];
    if (typeof value !== 'string' || value.trim() === '' || value.length > maxTextLength) {
      return `${name}: expected "${key}" to be a string of 1 to ${maxTextLength} characters, as in ${allowed}`;
    }
  }
  const { full, proof } = command as PromoteCommand;
  if (full !== undefined && typeof full !== 'boolean') return `${name}: expected "full" to be true or false`;
  if (proof !== undefined && (typeof proof !== 'string' || proof === '' || proof.length > maxProofLength))
    return `${name}: expected "proof" to be a signature of 1 to ${maxProofLength} characters, as \`penstock\` creates it`;
  return null;
}

/** A pushed alarm as it came; null where it is not one. */
export function parseAlarmSignal(payload: unknown): AlarmSignal | null {
  if (typeof payload !== 'object' || payload === null) return null;
  const { name, state, reason } = payload as Partial<AlarmSignal>;
  if (typeof name !== 'string' || name.length > maxAlarmNameLength || typeof state !== 'string') return null;
  const why = typeof reason === 'string' ? clean(reason, maxTextLength) : 'no reason given';
  return { name: clean(name, maxAlarmNameLength), state: clean(state, maxAlarmNameLength), reason: why };
}
