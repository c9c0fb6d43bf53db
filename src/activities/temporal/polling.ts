/**
 * Polling with Temporal: one attempt checks once. If nothing is decided yet, it fails with the retryable
 * failure `InProgress`, and the server schedules the next attempt. Heartbeat details carry the state and the
 * due time from attempt to attempt.
 */
import { activityInfo, heartbeat } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';

/**
 * Heartbeat details of a polling activity. They survive a lost worker and other failures between two attempts.
 */
export interface PollDetails {
  /** Earliest time of the next attempt, in milliseconds since the epoch. */
  notBeforeMs: number;
  delayMs: number;
  state: object | null;
  /** The attempt's message only repeats the verdicts in `state`. */
  repeatsState: boolean;
}

/** Null on the first attempt, or if the previous attempt ended before it recorded anything. */
export function readPollDetails(): PollDetails | null {
  const details: unknown = activityInfo().heartbeatDetails;
  const isPollDetails = typeof details === 'object' && details !== null && 'notBeforeMs' in details;
  return isPollDetails ? (details as PollDetails) : null;
}

/** The state that the previous attempt passed to `pollAgain`. Null if there is none. */
export function lastPollState<T extends object>(): T | null {
  return (readPollDetails()?.state as T | null | undefined) ?? null;
}

/**
 * Ends this attempt: nothing is decided yet, check again in `delaySeconds`. The server keeps the timer, so the
 * activity holds no worker slot and the history does not grow. The next attempt reads `state`. `repeatsState`:
 * as in PollDetails.
 */
export function pollAgain(
  message: string,
  delaySeconds: number,
  state: object | null = null,
  repeatsState = false,
): never {
  const delayMs = Math.round(delaySeconds * 1000);
  heartbeat({ notBeforeMs: nowMs() + delayMs, delayMs, state, repeatsState } satisfies PollDetails);
  throw ApplicationFailure.create({
    type: 'InProgress',
    message,
    category: ApplicationFailureCategory.BENIGN,
    nextRetryDelay: delayMs,
  });
}

/**
 * Delay before the first check after a request, in seconds: short, because many requests take effect within
 * seconds.
 */
export function firstPollSeconds(pollSeconds: number): number {
  return Math.min(pollSeconds, 5);
}

/**
 * Now by Temporal's clock, in milliseconds since the epoch: the time at which this attempt was scheduled. The
 * worker's own clock would differ from the timers, and would not move under time skipping. The time-skipping
 * server stamps a retry with the time of the request instead of the due time; PollDetails has the due time. An
 * attempt that waited for a worker sees a time that is slightly early. That is safe: no window is judged before
 * its data is complete.
 */
export function nowMs(): number {
  const stampMs = activityInfo().currentAttemptScheduledTimestampMs;
  const details = readPollDetails();
  if (details === null || stampMs >= details.notBeforeMs) return stampMs;
  return Math.max(details.notBeforeMs, stampMs + details.delayMs);
}
