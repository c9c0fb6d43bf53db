import { activityInfo, heartbeat } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';

/**
 * Ends this look: nothing is decided yet, look again in `delaySeconds`. The server keeps the timer, so no worker slot
 * is held and the history does not grow. `state` reaches the next look through heartbeat details, which outlive a
 * worker.
 */
export function watching(message: string, delaySeconds: number, state?: object): never {
  if (state !== undefined) heartbeat(state);
  throw ApplicationFailure.create({
    type: 'Watching',
    message,
    category: ApplicationFailureCategory.BENIGN,
    nextRetryDelay: Math.round(delaySeconds * 1000),
  });
}

/** What the last look that said something handed on; null on the first. */
export function handedOn<T extends object>(): T | null {
  const details: unknown = activityInfo().heartbeatDetails;
  return typeof details === 'object' && details !== null ? (details as T) : null;
}

/** The first look after an effect is soon, for effects that take no time; then the usual pace. */
export function firstDelay(lookSeconds: number): number {
  return Math.min(lookSeconds, 5);
}
