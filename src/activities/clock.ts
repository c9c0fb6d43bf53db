import { activityInfo } from '@temporalio/activity';

/**
 * Now, in milliseconds since the epoch, by Temporal's clock: when the server scheduled this attempt. The worker's own
 * clock would part from the timers (and stand still under time skipping). An attempt that waited for a worker sees a
 * time that is a little early, which is the safe side: no window is judged before its data is complete.
 */
export function nowMs(): number {
  return activityInfo().currentAttemptScheduledTimestampMs;
}

export function toIso(ms: number): string {
  return new Date(ms).toISOString();
}
