/** Any Temporal SDK or the Web UI may send anything: what came in, as what it should be. Pure. */
import type { AlarmSignal, Command, PromoteCommand } from './messages.js';

/** Null where the command is well formed. */
export function malformedCommand(name: string, command: unknown): string | null {
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
