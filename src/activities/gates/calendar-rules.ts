/** Whether a calendar's rules hold, and until when that stays so. */
import type { CalendarRule } from '../../plan/compiled/gate.js';
import { spansFrom, type CalendarSpan } from './calendar-spans.js';
import { changeMs, dayMs, parseWall } from './wall-time.js';

/**
 * Spans that overlap or adjoin are one stretch. `until`: when `holds` changes, in milliseconds since the epoch; null:
 * never.
 */
export function evaluateRules(rules: CalendarRule[], atMs: number): { holds: boolean; until: number | null } {
  const readers = rules.map((rule) => new SpanReader(spansFrom(rule, atMs)));
  const horizonMs = horizonOf(rules, atMs);
  let reachedMs = atMs;
  for (;;) {
    const nextMs = Math.max(reachedMs, ...readers.map((reader) => reader.endFrom(reachedMs)));
    if (nextMs === reachedMs) break;
    if (nextMs > horizonMs) return { holds: true, until: null };
    reachedMs = nextMs;
  }
  if (reachedMs > atMs) return { holds: true, until: reachedMs };
  const startMs = Math.min(...readers.map((reader) => reader.nextStart()));
  return { holds: false, until: Number.isFinite(startMs) ? startMs : null };
}

/**
 * Rules that leave no gap until then leave none. Weeks and changes of clocks repeat within 13 months; spans that leave no
 * more than a leap day, within 4 of their length.
 */
function horizonOf(rules: CalendarRule[], atMs: number): number {
  const lengthsMs = rules.map((rule) => (rule.kind === 'cron' ? rule.seconds * 1000 : 0));
  // A single span may be as long as it likes: what counts is how far recurring ones reach beyond it.
  const onceMs = rules.map((rule) => (rule.kind === 'once' ? parseWall(rule.to) : atMs));
  return Math.max(atMs, ...onceMs) + 400 * dayMs + 4 * Math.max(0, ...lengthsMs);
}

/** Reads a rule's spans as far as they are needed. Moments that it is asked about ascend. */
class SpanReader {
  /** Read, and not yet begun at the moment that was asked about last. */
  private ahead: CalendarSpan[] = [];

  constructor(private readonly spans: Generator<CalendarSpan, undefined>) {}

  /** The latest end of what has begun by the moment; -Infinity where nothing new has. */
  endFrom(atMs: number): number {
    while ((this.ahead.at(-1)?.startMs ?? atMs) <= atMs + changeMs) {
      const { value } = this.spans.next();
      if (value === undefined) break;
      this.ahead.push(value);
    }
    const begun = this.ahead.filter(({ startMs }) => startMs <= atMs);
    this.ahead = this.ahead.filter(({ startMs }) => startMs > atMs);
    return Math.max(...begun.map(({ endMs }) => endMs));
  }

  /** When the next span after the last moment begins; Infinity where none is left. */
  nextStart(): number {
    return Math.min(...this.ahead.map(({ startMs }) => startMs));
  }
}
