/** Proxies of the activities, with timeouts and with a summary that the Web UI shows. */
import { ActivityFailure, RetryState } from '@temporalio/common';
import { ActivityCancellationType, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { InStartAccount } from '../../activities/interface/account.js';
import type { RolloutActivities } from '../../activities/interface/activities.js';
import { readStartAccount } from './start-account.js';

export interface ActivityTimeouts {
  /** Seconds for all attempts together; null: no limit. */
  scheduleToCloseSeconds: number | null;
  summary: string;
  /** Seconds in which a worker must take an attempt that is due. Default: no limit. */
  scheduleToStartSeconds?: number;
  /** Seconds for one attempt. Default: 60. */
  startToCloseSeconds?: number;
  /** Seconds without a heartbeat after which the server retries on another worker. Default: 15. */
  heartbeatTimeoutSeconds?: number;
  /** Default: no limit. */
  maximumAttempts?: number;
}

/** Proxies do not use `this`, so callers can destructure them. */
type Callable<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (this: void, ...args: A) => R : never;
};

/** The worker heartbeats every few seconds (activities/temporal/auto-heartbeat.ts). */
const defaultHeartbeatTimeoutSeconds = 15;

/**
 * Each attempt is short: it observes, acts, and returns or fails with a retryable failure. The server keeps the
 * timers, so a worker can crash at any point. The workflow awaits a cancelled attempt, so that no late call overtakes
 * its compensation.
 */
export function proxyRolloutActivities({
  scheduleToCloseSeconds,
  summary,
  scheduleToStartSeconds,
  startToCloseSeconds = 60,
  heartbeatTimeoutSeconds = defaultHeartbeatTimeoutSeconds,
  maximumAttempts,
}: ActivityTimeouts): Callable<RolloutActivities> {
  const activities = proxyActivities<RolloutActivities>({
    startToCloseTimeout: startToCloseSeconds * 1000,
    heartbeatTimeout: heartbeatTimeoutSeconds * 1000,
    ...(scheduleToCloseSeconds === null
      ? {}
      : { scheduleToCloseTimeout: Math.max(scheduleToCloseSeconds, 1) * 1000 }),
    ...(scheduleToStartSeconds === undefined
      ? {}
      : { scheduleToStartTimeout: scheduleToStartSeconds * 1000 }),
    retry: {
      ...{ initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '30s' },
      ...(maximumAttempts === undefined ? {} : { maximumAttempts }),
    },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary: summary.slice(0, 180),
  });
  const startedIn = readStartAccount();
  return startedIn === null ? activities : withArgument(activities, { startedIn });
}

type AnyActivities = Record<string, (argument: object) => Promise<unknown>>;

function withArgument(
  activities: Callable<RolloutActivities>,
  added: InStartAccount,
): Callable<RolloutActivities> {
  const call = (activity: string) => (argument: object) =>
    (activities as unknown as AnyActivities)[activity]?.({ ...argument, ...added });
  return new Proxy(activities, { get: (_, activity) => call(String(activity)) });
}

/**
 * Whether work ended because it was cancelled. A running attempt can fail for another reason after the cancellation.
 * The server then reports that failure, with the retry state CANCEL_REQUESTED.
 */
export function wasCancelled(error: unknown): boolean {
  if (isCancellation(error)) return true;
  return error instanceof ActivityFailure && error.retryState === RetryState.CANCEL_REQUESTED;
}
