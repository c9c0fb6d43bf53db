/** The freeze windows of a rollout: no change forward begins in them. */
import type { CalendarAnswer } from '../../activities/interface/results.js';
import type { ActivityTimeouts } from '../temporal/activity-proxy.js';
import { evaluateCalendarNow } from '../temporal/calendar.js';
import { freshCheckSeconds } from './fresh-check.js';
import type { RolloutData } from '../state/data.js';

export async function evaluateFreeze(state: RolloutData): Promise<CalendarAnswer> {
  const answer = await evaluateCalendarNow(state.plan.freeze, 'check the freeze windows');
  state.freezeBegins = answer.holds ? null : answer.until;
  return answer;
}

/**
 * Timeouts of a change forward. Its last check is outdated if no worker takes an attempt in time. An activity judges a
 * freeze by the time at which its attempt was due, because a worker's clock can be wrong. Temporal gives no attempt to a
 * worker after this time, so none that was due before the freeze begins in it.
 * Temporal enforces this timeout once for all attempts: https://docs.temporal.io/encyclopedia/detecting-activity-failures
 */
export function timeoutsOfChange(
  { freezeBegins }: RolloutData,
  limitSeconds: number,
): Pick<ActivityTimeouts, 'scheduleToCloseSeconds' | 'scheduleToStartSeconds'> {
  const left = freezeBegins === null ? Infinity : (Date.parse(freezeBegins) - Date.now()) / 1000;
  const scheduleToCloseSeconds = left > 0 ? Math.min(limitSeconds, left) : limitSeconds;
  return { scheduleToCloseSeconds, scheduleToStartSeconds: freshCheckSeconds };
}

/** A change ran out of time because the freeze has begun. The next attempt finds out whether it has taken effect. */
export function endedAtFreeze({ freezeBegins }: RolloutData, failureType: string): boolean {
  return failureType === 'TimedOut' && freezeBegins !== null && Date.now() >= Date.parse(freezeBegins);
}
