/** Activities as the workflow calls them: with a time limit, and a summary that the Web UI shows. */
import { ActivityFailure, RetryState } from '@temporalio/common';
import { ActivityCancellationType, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { RolloutActivities } from '../../activities/interface/activities.js';

export interface ActivityTimeouts {
  /** Seconds for all attempts together; null: for ever. */
  scheduleToCloseSeconds: number | null;
  summary: string;
  /** Seconds for one attempt; 60 unless the activity does more than a look and a call. */
  startToCloseSeconds?: number;
  /** Seconds without a sign of life after which its worker is taken for dead; null: it gives none. */
  heartbeatTimeoutSeconds?: number | null;
}

/** Proxies need no `this`, so each may stand alone. */
type Callable<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (this: void, ...args: A) => R : never;
};

/** Of usual attempts: their worker heartbeats every few seconds (activities/sign-of-life.ts). */
const defaultHeartbeatTimeoutSeconds = 15;

/**
 * Every attempt is short: it looks, acts and returns or asks to be tried again, so the server keeps the timers and a
 * worker may die at any point. A cancelled attempt is awaited, so that nothing it still does can overtake its undo.
 */
export function proxyRolloutActivities({
  scheduleToCloseSeconds,
  summary,
  startToCloseSeconds = 60,
  heartbeatTimeoutSeconds = defaultHeartbeatTimeoutSeconds,
}: ActivityTimeouts): Callable<RolloutActivities> {
  return proxyActivities<RolloutActivities>({
    startToCloseTimeout: startToCloseSeconds * 1000,
    ...(heartbeatTimeoutSeconds === null ? {} : { heartbeatTimeout: heartbeatTimeoutSeconds * 1000 }),
    ...(scheduleToCloseSeconds === null
      ? {}
      : { scheduleToCloseTimeout: Math.max(scheduleToCloseSeconds, 1) * 1000 }),
    retry: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '30s' },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary: summary.slice(0, 180),
  });
}

/**
 * Whether work ended because it was cancelled. An attempt that was running at that moment may end in its own way; the
 * server then reports its failure, and that the cancellation is why it is not tried again.
 */
export function wasCancelled(error: unknown): boolean {
  if (isCancellation(error)) return true;
  return error instanceof ActivityFailure && error.retryState === RetryState.CANCEL_REQUESTED;
}
