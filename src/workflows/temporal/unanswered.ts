/** Work that ended because no worker answered its last attempt. Pure. */
import { ActivityFailure, TimeoutFailure } from '@temporalio/common';

/**
 * A limit is the time that AWS has, so it counts only while workers answer. If the next attempt would begin after it, Temporal
 * ends the activity with the failure of the last attempt. A timeout therefore means that the last attempt, which was due
 * before the limit, had no answer: no worker ran, or its worker died.
 * https://docs.temporal.io/encyclopedia/detecting-activity-failures
 */
export function wasUnanswered(error: unknown): boolean {
  return error instanceof ActivityFailure && error.cause instanceof TimeoutFailure;
}

/** Repeats `attempt` until a worker has answered it. */
export async function untilAnswered<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!wasUnanswered(error)) throw error;
    }
  }
}
