/**
 * From wall time to moments. Wall times are milliseconds as if they were UTC, so that they can be counted with; moments are
 * milliseconds since the epoch.
 */
import { DateTime, type IANAZone } from 'luxon';

const minuteMs = 60_000;
export const dayMs = 86_400_000;
/** More than clocks are put forward or back by: wall times that are further apart are in the order of their moments. */
export const changeMs = 3 * 3_600_000;

/** `2026-12-24T18:00`, as wall time. */
export function parseWall(text: string): number {
  return DateTime.fromISO(text, { zone: 'utc' }).toMillis();
}

/** What the clocks of the zone show. */
export function wallAt(momentMs: number, zone: IANAZone): number {
  return momentMs + zone.offset(momentMs) * minuteMs;
}

/**
 * The moments at which the clocks show a wall time, in order: two where they are put back over it. Where they are put
 * forward over it, the moment at which that is done.
 */
export function momentsOf(wallMs: number, zone: IANAZone): [number, ...number[]] {
  // No offset is longer than a day, so these are the ones before and after any change nearby.
  const before = wallMs - zone.offset(wallMs - dayMs) * minuteMs;
  const after = wallMs - zone.offset(wallMs + dayMs) * minuteMs;
  const [first, second] = [before, after].filter((momentMs) => wallAt(momentMs, zone) === wallMs);
  if (first === undefined) return [changeBetween(after, before, zone)];
  return second === undefined || second === first ? [first] : [first, second];
}

/** The first moment of the offset that holds at `toMs` and not at `fromMs`. */
function changeBetween(fromMs: number, toMs: number, zone: IANAZone): number {
  let [low, high] = [fromMs, toMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zone.offset(middle) === zone.offset(toMs)) high = middle;
    else low = middle;
  }
  return high;
}
