import { DateTime } from 'luxon';
import type { CalendarRule } from '../../plan/compiled/gate.js';
import { evaluateRules } from './calendar-rules.js';
import { nowMs } from '../temporal/polling.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { CalendarAnswer } from '../interface/results.js';

export function createEvaluateCalendar(): RolloutActivities['evaluateCalendar'] {
  return ({ rules }) => Promise.resolve(answerAt(rules, nowMs()));
}

function answerAt(rules: CalendarRule[], atMs: number): CalendarAnswer {
  const { holds, until } = evaluateRules(rules, atMs);
  const message = describeCalendar(holds, until, zonesOf(rules));
  return { holds, until: until === null ? null : new Date(until).toISOString(), message };
}

/** A moment is told in every zone that the rules speak of. */
function describeCalendar(holds: boolean, until: number | null, zones: string[]): string {
  if (until === null)
    return holds ? 'the calendar holds, and without end' : 'the calendar does not hold, nor will it';
  const times = zones.map(
    (zone) => `${DateTime.fromMillis(until, { zone }).toFormat('yyyy-MM-dd HH:mm')} ${zone}`,
  );
  return `the calendar ${holds ? 'holds' : 'does not hold'} until ${times.join(', ')}`;
}

function zonesOf(rules: CalendarRule[]): string[] {
  return [...new Set(rules.map(({ zone }) => zone))];
}
