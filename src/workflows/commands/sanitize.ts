/** Sanitizes and validates payloads, because any Temporal client can send any JSON. Pure. */
import type { AlarmSignal, Command, PromoteCommand } from '../messages.js';

const maxTextLength = 1000;
/** A proof contains the actor's name, in base64. */
const maxProofLength = 10_000;
/** Longer than any ISO 8601 time. */
const maxTimeLength = 40;
/** CloudWatch's limit. */
const maxAlarmNameLength = 255;

/**
 * Makes a command safe for the timeline, accepted or not. Strings are cut to one character over the limit, so that
 * validation still sees the excess, and lose their control characters. Values of another type are dropped.
 */
export function sanitizeCommand<C>(command: C): C {
  if (typeof command !== 'object' || command === null) return command;
  const { actor, reason, full, proof, expires } = command as Partial<Record<string, unknown>>;
  const texts = { ...textOf('actor', actor), ...textOf('reason', reason) };
  const textOrNull = (value: unknown, maxLength: number) =>
    typeof value === 'string' ? clean(value, maxLength + 1) : null;
  return {
    ...texts,
    ...(full === undefined ? {} : { full: typeof full === 'boolean' ? full : null }),
    ...(proof === undefined ? {} : { proof: textOrNull(proof, maxProofLength) }),
    ...(expires === undefined ? {} : { expires: textOrNull(expires, maxTimeLength) }),
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

/** Null if the command is well formed, else the message for the client. */
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
  const { full, proof, expires } = command as PromoteCommand;
  if (full !== undefined && typeof full !== 'boolean') return `${name}: expected "full" to be true or false`;
  if (proof !== undefined && (typeof proof !== 'string' || proof === '' || proof.length > maxProofLength))
    return `${name}: expected "proof" to be a signature of 1 to ${maxProofLength} characters, as \`penstock\` creates it`;
  if (expires !== undefined && !isTime(expires))
    return `${name}: expected "expires" to be a time in ISO 8601, such as 2026-01-31T12:00:00Z`;
  return null;
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && value.length <= maxTimeLength && !Number.isNaN(Date.parse(value));
}

/** Null if the payload is not an alarm. */
export function parseAlarmSignal(payload: unknown): AlarmSignal | null {
  if (typeof payload !== 'object' || payload === null) return null;
  const { name, state, reason } = payload as Partial<AlarmSignal>;
  if (typeof name !== 'string' || name.length > maxAlarmNameLength || typeof state !== 'string') return null;
  const why = typeof reason === 'string' ? clean(reason, maxTextLength) : 'no reason given';
  return { name: clean(name, maxAlarmNameLength), state: clean(state, maxAlarmNameLength), reason: why };
}
