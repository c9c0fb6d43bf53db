/**
 * When a single rule of a calendar holds. A time that the clocks repeat counts both times, and one that they skip is the
 * moment at which they do.
 */
import { CronExpressionParser } from 'cron-parser';
import { DateTime, IANAZone } from 'luxon';
import type { CalendarRule } from '../../plan/compiled/gate.js';
import { changeMs, momentsOf, parseWall, wallAt } from './wall-time.js';

/** From `startMs` on, until before `endMs`. Milliseconds since the epoch. */
export interface CalendarSpan {
  startMs: number;
  endMs: number;
}

type Of<K extends CalendarRule['kind']> = CalendarRule & { kind: K };

/**
 * The rule's spans, from those on that hold at a moment; a few that are over may come first. In the order of their
 * beginnings, save that those within `changeMs` of each other may have changed places. Without end, for a rule that has
 * none.
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
  { days, from, to }: Of<'weekly'>,
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
 * The expression is read in wall time and its beginnings are then turned into moments: what the cron library itself does
 * around a change of clocks depends on where it begins to count.
 */
function* cronSpans(
  { expression, seconds }: Of<'cron'>,
  zone: IANAZone,
  atMs: number,
): Generator<CalendarSpan> {
  for (const wallMs of cronWalls(expression, wallAt(atMs, zone)))
    for (const startMs of momentsOf(wallMs, zone)) yield { startMs, endMs: startMs + seconds * 1000 };
}

/** Beginnings in wall time, from the last one on whose moment is surely before the one at which the clocks show `wallMs`. */
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
