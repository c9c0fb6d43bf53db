/** Calendar rules as text. */
import { formatDuration } from '../../plan/units/durations.js';
import type { CalendarRule } from '../../plan/compiled/gate.js';

const dayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** `Mon-Fri 09:00-16:00 (Europe/Berlin)`. */
export function calendarText(rule: CalendarRule): string {
  return `${timesOf(rule)} (${rule.zone})`;
}

function timesOf(rule: CalendarRule): string {
  switch (rule.kind) {
    case 'weekly': {
      const { days, from, to } = rule;
      return `${daysText(days)}${from === to ? ', all day' : ` ${from}-${to === '00:00' ? '24:00' : to}`}`;
    }
    case 'cron':
      return `${formatDuration(rule.seconds)} from cron ${rule.expression}`;
    case 'once':
      return `${rule.from} to ${rule.to}`;
  }
}

/** `days`: 1 (Monday) to 7 (Sunday), ascending. Three or more consecutive days become a range. */
function daysText(days: number[]): string {
  const runs: number[][] = [];
  for (const day of days) {
    const last = runs.at(-1);
    if (last?.at(-1) === day - 1) last.push(day);
    else runs.push([day]);
  }
  return runs.map(runText).join(', ');
}

function runText(run: number[]): string {
  const names = run.map((day) => dayNames[day - 1] ?? String(day));
  return names.length < 3 ? names.join(', ') : `${names[0]}-${names.at(-1)}`;
}
