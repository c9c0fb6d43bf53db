import { DateTime } from 'luxon';
import type { CalendarRule } from '../../plan/compiled/gate.js';
import { evaluateRules } from './calendar-rules.js';
import { nowMs } from '../temporal/polling.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { CalendarAnswer } from '../interface/results.js';

export function createEvaluateCalendar(): RolloutActivities['evaluateCalendar'] {
  return ({ rules }) => Promise.resolve(evaluateAt(rules, nowMs()));
}

export function evaluateAt(rules: CalendarRule[], atMs: number): CalendarAnswer {
  const { holds, until } = evaluateRules(rules, atMs);
  const message = describeCalendar(holds, until, zonesOf(rules));
  return { holds, until: until === null ? null : new Date(until).toISOString(), message };
}

/** Shows the time in every time zone of the rules. */
function describeCalendar(holds: boolean, until: number | null, zones: string[]): string {
  if (until === null)
    return holds ? 'a calendar rule applies without an end' : 'no calendar rule applies, now or later';
  const times = zones.map(
    (zone) => `${DateTime.fromMillis(until, { zone }).toFormat('yyyy-MM-dd HH:mm')} ${zone}`,
  );
  return `${holds ? 'a' : 'no'} calendar rule applies until ${times.join(', ')}`;
}

function zonesOf(rules: CalendarRule[]): string[] {
  return [...new Set(rules.map(({ zone }) => zone))];
}
