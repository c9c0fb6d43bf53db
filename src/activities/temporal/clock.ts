import { activityInfo } from '@temporalio/activity';
import { readPollDetails } from './handed-on.js';

/**
 * Now, in milliseconds since the epoch, by Temporal's clock: when this attempt was scheduled. The worker's own clock would
 * part from the timers (and stand still under time skipping). The time-skipping server stamps a retry with the moment
 * at which it was asked for, not the one at which it is due; a look knows when that is. An attempt that waited for a
 * worker sees a time that is a little early, the safe side: no window is judged before its data is complete.
 */
export function nowMs(): number {
  const stampMs = activityInfo().currentAttemptScheduledTimestampMs;
  const handedOn = readPollDetails();
  if (handedOn === null || stampMs >= handedOn.notBeforeMs) return stampMs;
  return Math.max(handedOn.notBeforeMs, stampMs + handedOn.delayMs);
}
