/** Activities of the probes. They depend on their arguments and on the number of the attempt only. */
import { activityInfo, Context, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Duration } from '@temporalio/common';

export interface Failing {
  /** Attempts that fail. */
  times: number;
  message: string;
  type?: string;
  nonRetryable?: boolean;
  nextRetryDelay?: Duration;
  details?: unknown[];
}

export const probeActivities = {
  /** Returns the number of the attempt that succeeds. */
  failing({ times, ...failure }: Failing): Promise<number> {
    const { attempt } = activityInfo();
    if (attempt <= times)
      throw ApplicationFailure.create({ ...failure, cause: new Error(`attempt ${attempt}`) });
    return Promise.resolve(attempt);
  },

  /** A plain error, which is retryable. */
  throwing(): Promise<never> {
    return Promise.reject(new TypeError('broken'));
  },

  nothing: () => Promise.resolve(),

  async take(ms: number): Promise<number> {
    await Context.current().sleep(ms);
    return ms;
  },

  /** The first attempts take longer than their limit. */
  async hanging(times: number, ms: number): Promise<number> {
    const { attempt } = activityInfo();
    if (attempt <= times) await Context.current().sleep(ms);
    return attempt;
  },

  async failingThenHanging(ms: number): Promise<void> {
    if (activityInfo().attempt === 1) throw ApplicationFailure.retryable('the first attempt', 'InProgress');
    await Context.current().sleep(ms);
  },

  async beatingThenHanging(ms: number): Promise<void> {
    heartbeat({ attempt: activityInfo().attempt });
    await Context.current().sleep(ms);
  },

  /** Heartbeats, then fails until the details are 2. Returns the details of all attempts. */
  counting(): Promise<unknown[]> {
    const seen = (activityInfo().heartbeatDetails as unknown[] | undefined) ?? [];
    if (seen.length >= 2) return Promise.resolve(seen);
    heartbeat([...seen, activityInfo().attempt]);
    throw ApplicationFailure.create({ message: 'again', nextRetryDelay: 100 });
  },

  /** Delays from the end of the first attempt to the time at which the second was scheduled: 0 or 1. */
  scheduledAfter(nextRetryDelay: number): Promise<number> {
    const { attempt, currentAttemptScheduledTimestampMs } = activityInfo();
    const heartbeatDetails: unknown = activityInfo().heartbeatDetails;
    if (attempt > 1)
      return Promise.resolve(
        Math.round((currentAttemptScheduledTimestampMs - (heartbeatDetails as number)) / nextRetryDelay),
      );
    heartbeat(Date.now());
    throw ApplicationFailure.create({ message: 'again', nextRetryDelay });
  },

  /** Heartbeats until it is cancelled, then ends as it is told. */
  async untilCancelled(then: 'heed' | 'complete' | 'fail'): Promise<string> {
    const beating = setInterval(() => heartbeat('alive'), 100);
    try {
      await Context.current().cancelled;
    } catch (error) {
      if (then === 'heed') throw error;
      if (then === 'fail') throw ApplicationFailure.retryable('failed after the cancellation', 'Late');
    } finally {
      clearInterval(beating);
    }
    return 'completed after the cancellation';
  },
};

export type ProbeActivities = typeof probeActivities;
