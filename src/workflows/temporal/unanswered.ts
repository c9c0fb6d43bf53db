/** Attempts that no worker answered. Pure. https://docs.temporal.io/encyclopedia/detecting-activity-failures */
import { ActivityFailure, TimeoutFailure } from '@temporalio/common';

/** No worker took an attempt within the timeout schedule-to-start. An earlier attempt can have had its effect. */
export function hadNoWorker(error: unknown): boolean {
  return timeoutOf(error)?.timeoutType === 'SCHEDULE_TO_START';
}

/**
 * The limit passed, and its last attempt had no answer. If a worker answers and the next attempt would begin after the
 * limit, Temporal ends the activity with that answer instead.
 */
export function wasUnanswered(error: unknown): boolean {
  return timeoutOf(error) !== null;
}

/** Makes one more attempt if no worker answered: the work can have been done meanwhile. */
export async function withLateWorker<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (!wasUnanswered(error)) throw error;
    return attempt();
  }
}

function timeoutOf(error: unknown): TimeoutFailure | null {
  return error instanceof ActivityFailure && error.cause instanceof TimeoutFailure ? error.cause : null;
}
