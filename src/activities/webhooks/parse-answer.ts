/** The body of a response in which a service answers a question: `{"answer": ..., "reason": ...}`. */
import { truncateText } from '../../plan/units/shorten.js';

/** `answer`: not checked. `reason`: one line without the receiver's secrets; null if there is none. */
export interface ParsedAnswer {
  answer: unknown;
  reason: string | null;
}

/** A body that is not JSON has no answer. */
export function parseAnswer(body: string | null, redact: (text: string) => string): ParsedAnswer {
  const { answer, reason } = parse(body);
  const isGiven = typeof reason === 'string' && reason.trim() !== '';
  return { answer, reason: isGiven ? oneLine(redact(reason)) : null };
}

function parse(body: string | null): { answer?: unknown; reason?: unknown } {
  try {
    return Object(JSON.parse(body ?? 'null')) as object;
  } catch {
    return {};
  }
}

function oneLine(text: string): string {
  return truncateText(text.replace(/[\s\p{C}]+/gu, ' ').trim(), 200);
}
