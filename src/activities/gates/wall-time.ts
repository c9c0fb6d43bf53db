/**
 * Converts wall times to moments. A wall time is in milliseconds as if it were UTC, so that code can compute
 * with it. A moment is in milliseconds since the epoch.
 */
import { DateTime, type IANAZone } from 'luxon';

const minuteMs = 60_000;
export const dayMs = 86_400_000;
/**
 * More than any clock change. Wall times that are further apart than this are in the order of their moments.
 */
export const changeMs = 3 * 3_600_000;

/** `2026-12-24T18:00`, as wall time. */
export function parseWall(text: string): number {
  return DateTime.fromISO(text, { zone: 'utc' }).toMillis();
}

/** The wall time of a moment in the zone. */
export function wallAt(momentMs: number, zone: IANAZone): number {
  return momentMs + zone.offset(momentMs) * minuteMs;
}

/**
 * The moments at which the clocks show a wall time, in order. If the clocks are set back over it, there are
 * two. If they are set forward over it, the result is the moment of the clock change.
 */
export function momentsOf(wallMs: number, zone: IANAZone): [number, ...number[]] {
  // No offset is longer than a day, so these use the offsets before and after any nearby clock change.
  const before = wallMs - zone.offset(wallMs - dayMs) * minuteMs;
  const after = wallMs - zone.offset(wallMs + dayMs) * minuteMs;
  const [first, second] = [before, after].filter((momentMs) => wallAt(momentMs, zone) === wallMs);
  if (first === undefined) return [changeBetween(after, before, zone)];
  return second === undefined || second === first ? [first] : [first, second];
}

/** The first moment with the offset of `toMs`. The offset at `fromMs` is another one. */
function changeBetween(fromMs: number, toMs: number, zone: IANAZone): number {
  let [low, high] = [fromMs, toMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zone.offset(middle) === zone.offset(toMs)) high = middle;
    else low = middle;
  }
  return high;
}
