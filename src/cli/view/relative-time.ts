/** Ages and remaining times as short text. */
import { formatDuration } from '../../plan/units/durations.js';

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** `45s`, `9m30s`, `2h5m`, `3d4h`: at most two units. */
export function formatSpan(seconds: number): string {
  const grain = seconds >= day ? hour : seconds >= 10 * minute ? minute : 1;
  return formatDuration(Math.max(0, Math.floor(seconds / grain) * grain));
}

/** `now`: milliseconds since the epoch; `since`: ISO 8601. */
export function ageOf(since: string, now: number): string {
  return formatSpan((now - Date.parse(since)) / 1000);
}

/** `in 18m` or `2m ago`. */
export function formatRelativeTime(at: string, now: number): string {
  const seconds = (Date.parse(at) - now) / 1000;
  return seconds >= 0 ? `in ${formatSpan(seconds)}` : `${formatSpan(-seconds)} ago`;
}
