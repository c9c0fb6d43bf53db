/** Evaluates the rules of a calendar: whether any applies, and until when. */
import type { CalendarRule } from '../../plan/compiled/gate.js';
import { spansFrom, type CalendarSpan } from './calendar-spans.js';
import { changeMs, dayMs, parseWall } from './wall-time.js';

/**
 * `holds`: a rule applies. `until`: when `holds` changes, in milliseconds since the epoch; null: never. Spans
 * that overlap or adjoin count as one.
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
 * Rules without a gap before this time never have one. Weekly rules and clock changes repeat within 13 months.
 * Spans whose only gap is a leap day repeat within 4 times their length.
 */
function horizonOf(rules: CalendarRule[], atMs: number): number {
  const lengthsMs = rules.map((rule) => (rule.kind === 'cron' ? rule.seconds * 1000 : 0));
  // A single span may be of any length. Only the recurring spans after its end matter.
  const onceMs = rules.map((rule) => (rule.kind === 'once' ? parseWall(rule.to) : atMs));
  return Math.max(atMs, ...onceMs) + 400 * dayMs + 4 * Math.max(0, ...lengthsMs);
}

/** Reads a rule's spans as far as needed. Callers must ask for times in ascending order. */
class SpanReader {
  /** Spans that were read and that begin after the last requested time. */
  private ahead: CalendarSpan[] = [];

  constructor(private readonly spans: Generator<CalendarSpan, undefined>) {}

  /** The latest end of the spans that begin by this time; -Infinity if no further span does. */
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

  /** Begin of the next span after the last requested time; Infinity if there is none. */
  nextStart(): number {
    return Math.min(...this.ahead.map(({ startMs }) => startMs));
  }
}
