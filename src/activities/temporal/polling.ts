import { heartbeat } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { nowMs } from './clock.js';
import { readPollDetails, type PollDetails } from './handed-on.js';

/**
 * Ends this look: nothing is decided yet, look again in `delaySeconds`. The server keeps the timer, so no worker slot
 * is held and the history does not grow. `state` reaches the next look; `repeatsState` as in PollDetails.
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

/** What the last look handed on; null where there is nothing. */
export function lastPollState<T extends object>(): T | null {
  return (readPollDetails()?.state as T | null | undefined) ?? null;
}

/** The first look after an effect is soon, for effects that take no time; then the usual pace. */
export function firstPollSeconds(pollSeconds: number): number {
  return Math.min(pollSeconds, 5);
}
