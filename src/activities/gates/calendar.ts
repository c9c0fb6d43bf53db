import { DateTime } from 'luxon';
import type { CalendarRule } from '../../plan/compiled/gate.js';
import { whenHolds } from './calendar-rules.js';
import { nowMs } from '../temporal/clock.js';
import { toIso } from '../iso-time.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { CalendarAnswer } from '../interface/results.js';

export function createCalendar(): Pick<RolloutActivities, 'consultCalendar'> {
  return { consultCalendar: ({ rules }) => Promise.resolve(answerAt(rules, nowMs())) };
}

function answerAt(rules: CalendarRule[], atMs: number): CalendarAnswer {
  const { holds, until } = whenHolds(rules, atMs);
  const sentence = sentenceOf(holds, until, zonesOf(rules));
  return { holds, until: until === null ? null : toIso(until), sentence };
}

/** A moment is told in every zone that the rules speak of. */
function sentenceOf(holds: boolean, until: number | null, zones: string[]): string {
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
