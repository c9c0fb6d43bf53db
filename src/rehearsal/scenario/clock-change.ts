/** Finds a freeze over a change of daylight saving time, and a start of the rollout shortly before it. */
import { IANAZone } from 'luxon';
import { evaluateRules } from '../../activities/gates/calendar-rules.js';
import type { CalendarRule } from '../../plan/compiled/gate.js';

export interface FrozenClockChange {
  /** Milliseconds since the epoch: an hour before the freeze, the change of the clocks, the end of the freeze. */
  startMs: number;
  changeMs: number;
  endMs: number;
  zone: string;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const quarterMs = hourMs / 4;
/** Rules name single dates of the next years at most. */
const searchedDays = 4 * 366;
/** 2026-01-01. */
const searchFromMs = Date.UTC(2026, 0, 1);
/** A longer freeze would make a rehearsal of months. */
const maxFreezeMs = 60 * dayMs;

/** Null if no change of the clocks in a rule's own zone falls into a freeze. */
export function findClockChange(freeze: CalendarRule[]): FrozenClockChange | null {
  for (const { zone } of freeze)
    for (const changeMs of clockChangesIn(zone)) {
      const { holds, until } = evaluateRules(freeze, changeMs);
      const beginMs = holds && until !== null ? beginOf(freeze, changeMs) : null;
      if (beginMs !== null && until !== null)
        return { startMs: beginMs - hourMs, changeMs, endMs: until, zone };
    }
  return null;
}

function* clockChangesIn(name: string): Generator<number> {
  const zone = IANAZone.create(name);
  for (let n = 0; n < searchedDays; n += 1) {
    const fromMs = searchFromMs + n * dayMs;
    if (zone.offset(fromMs) === zone.offset(fromMs + dayMs)) continue;
    for (let ms = fromMs; ms < fromMs + dayMs; ms += quarterMs)
      if (zone.offset(ms) !== zone.offset(ms + quarterMs)) yield ms + quarterMs;
  }
}

/** The begin of the freeze that holds at this time. Null if it began too long ago. */
function beginOf(freeze: CalendarRule[], atMs: number): number | null {
  for (let ms = atMs; ms > atMs - maxFreezeMs; ms -= quarterMs)
    if (!evaluateRules(freeze, ms).holds) return ms + quarterMs;
  return null;
}
