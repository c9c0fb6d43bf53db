/** Parses weekly times such as `Mon-Fri 09:00-16:00`. */
import type { CalendarRule } from '../../compiled/gate.js';

type WeeklySpan = Pick<CalendarRule & { kind: 'weekly' }, 'days' | 'from' | 'to'>;

const dayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const day = `(?:${dayNames.join('|')})`;
const days = String.raw`${day}(?:\s*[-,]\s*${day})*`;
const time = String.raw`(?:[01]\d|2[0-3]):[0-5]\d`;
const until = String.raw`${time}|24:00`;

const across = new RegExp(String.raw`^(${day})\s+(${time})\s*-\s*(${day})\s+(${until})$`);
const daily = new RegExp(String.raw`^(${days})(?:\s+(${time})\s*-\s*(${until}))?$`);

export const weeklyPattern = new RegExp(`${across.source}|${daily.source}`);
export const allowedWeekly =
  'days or a span of the week, such as Sat, Sun or Mon-Fri 22:00-06:00 or Fri 16:00 - Mon 08:00';

const midnight = '00:00';
const endOfDay = '24:00';

/**
 * `Fri 16:00 - Mon 08:00` is one span. The result has spans for its first day, its whole days and its last day,
 * because a span of the plan lasts at most a day. Adjoining spans count as one. Null if the text is not a weekly
 * time.
 */
export function parseWeekly(text: string): WeeklySpan[] | null {
  const [, first, from = '', last, to = ''] = across.exec(text) ?? [];
  if (first !== undefined && last !== undefined) return spanAcross(dayOf(first), from, dayOf(last), to);
  const [, list, begins = midnight, ends = midnight] = daily.exec(text) ?? [];
  if (list === undefined) return null;
  const listed = daysOf(list);
  return listed && [{ days: listed, from: begins, to: clock(ends) }];
}

function spanAcross(first: number, from: string, last: number, to: string): WeeklySpan[] | null {
  if (first === last && to === from) return null;
  if (first === last && to > from) return [{ days: [first], from, to: clock(to) }];
  const whole = daysAfter(first, last === first ? 6 : (last - first + 6) % 7);
  if (to === endOfDay) whole.push(last);
  const spans: WeeklySpan[] = [{ days: [first], from, to: midnight }];
  if (whole.length > 0) spans.push({ days: inOrder(whole), from: midnight, to: midnight });
  if (to !== endOfDay && to !== midnight) spans.push({ days: [last], from: midnight, to });
  return spans;
}

/** `Fri-Mon, Wed` -> 1, 3, 5, 6, 7. Null if a range has three days, such as `Mon-Wed-Fri`. */
function daysOf(list: string): number[] | null {
  const ranges = list.split(',').map((part) =>
    part
      .trim()
      .split(/\s*-\s*/)
      .map(dayOf),
  );
  if (ranges.some((range) => range.length > 2)) return null;
  return inOrder(
    ranges.flatMap(([first = 0, last = first]) => [first, ...daysAfter(first, (last - first + 7) % 7)]),
  );
}

/** `count` days after `first`, across the end of the week if necessary. */
function daysAfter(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => ((first + i) % 7) + 1);
}

function inOrder(listed: number[]): number[] {
  return [...new Set(listed)].sort((a, b) => a - b);
}

function dayOf(name: string): number {
  return dayNames.indexOf(name) + 1;
}

function clock(time: string): string {
  return time === endOfDay ? midnight : time;
}
