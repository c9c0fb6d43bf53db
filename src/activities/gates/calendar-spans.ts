/**
 * The spans in which a single rule of a calendar applies. A wall time that the clocks repeat counts both times.
 * A wall time that they skip means the moment of the skip.
 */
import { CronExpressionParser } from 'cron-parser';
import { DateTime, IANAZone } from 'luxon';
import type { CalendarRule } from '../../plan/compiled/gate.js';
import { changeMs, momentsOf, parseWall, wallAt } from './wall-time.js';

/** From `startMs` (inclusive) to `endMs` (exclusive). Milliseconds since the epoch. */
export interface CalendarSpan {
  startMs: number;
  endMs: number;
}

type RuleOf<K extends CalendarRule['kind']> = CalendarRule & { kind: K };

/**
 * The rule's spans, beginning with those that contain `atMs`. A few earlier spans may come first. The spans are
 * in the order of their starts, except that spans within `changeMs` of each other may be swapped. Endless for a
 * rule without an end.
 */
export function* spansFrom(rule: CalendarRule, atMs: number): Generator<CalendarSpan, undefined> {
  const zone = IANAZone.create(rule.zone);
  for (const span of spansOf(rule, zone, atMs)) if (span.startMs < span.endMs) yield span;
}

function spansOf(rule: CalendarRule, zone: IANAZone, atMs: number): Iterable<CalendarSpan> {
  switch (rule.kind) {
    case 'weekly':
      return weeklySpans(rule, zone, atMs);
    case 'cron':
      return cronSpans(rule, zone, atMs);
    case 'once':
      return [spanBetween(parseWall(rule.from), parseWall(rule.to), zone)];
  }
}

function spanBetween(fromWallMs: number, toWallMs: number, zone: IANAZone): CalendarSpan {
  return { startMs: momentsOf(fromWallMs, zone)[0], endMs: Math.max(...momentsOf(toWallMs, zone)) };
}

function* weeklySpans(
  { days, from, to }: RuleOf<'weekly'>,
  zone: IANAZone,
  atMs: number,
): Generator<CalendarSpan> {
  const today = DateTime.fromMillis(wallAt(atMs, zone), { zone: 'utc' }).startOf('day');
  for (let i = -2; ; i += 1) {
    const date = today.plus({ days: i });
    const end = to > from ? date : date.plus({ days: 1 });
    if (days.includes(date.weekday)) yield spanBetween(wallOn(date, from), wallOn(end, to), zone);
  }
}

function wallOn(date: DateTime, time: string): number {
  return parseWall(`${date.toISODate()}T${time}`);
}

/**
 * Evaluates the expression in wall time and converts the starts to moments afterwards. Around a clock change,
 * the result of the cron library itself depends on the date from which it counts.
 */
function* cronSpans(
  { expression, seconds }: RuleOf<'cron'>,
  zone: IANAZone,
  atMs: number,
): Generator<CalendarSpan> {
  for (const wallMs of cronWalls(expression, wallAt(atMs, zone)))
    for (const startMs of momentsOf(wallMs, zone)) yield { startMs, endMs: startMs + seconds * 1000 };
}

/** Starts in wall time. The first one is certainly before the moment at which the clocks show `wallMs`. */
function* cronWalls(expression: string, wallMs: number): Generator<number> {
  const readerAt = (currentMs: number) =>
    CronExpressionParser.parse(expression, { tz: 'UTC', currentDate: new Date(currentMs) });
  const first = readerAt(wallMs - changeMs)
    .prev()
    .getTime();
  yield first;
  const reader = readerAt(first);
  for (;;) yield reader.next().getTime();
}
