/**
 * One scheduled activity: its attempts, retries, time limits and cancellation, as Temporal's server does them.
 * Source: https://docs.temporal.io/encyclopedia/detecting-activity-failures and .../retry-policies
 */
import proto, { type coresdk, type temporal } from '@temporalio/proto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { CancelledFailure, type Payload } from '@temporalio/common';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Scheduled, SimulatedClock } from '../clock.js';
import type { Attempts } from './attempts.js';
import { decode, encode, encodeFailure, type FailureProto } from './payloads.js';

export type ScheduleActivity = coresdk.workflow_commands.IScheduleActivity;
type Activity = (...args: unknown[]) => Promise<unknown>;
export type Activities = Record<string, Activity>;

const { RetryState, TimeoutType } = proto.temporal.api.enums.v1;
export type RetryStateValue = temporal.api.enums.v1.RetryState;

/** How an activity ended. `attempt`: the last one. */
export type ActivityEnd =
  | { kind: 'completed'; result: Payload; attempt: number }
  | { kind: 'failed'; failure: FailureProto; retryState: RetryStateValue; attempt: number }
  | { kind: 'timedOut'; failure: FailureProto; retryState: RetryStateValue; attempt: number }
  | { kind: 'canceled'; attempt: number; started: boolean };

export interface ActivityHost {
  clock: SimulatedClock;
  attempts: Attempts;
  activities: Activities;
  interceptors: ActivityInterceptorsFactory[];
  /** Called for every attempt that ends without ending the activity, and when it ends. */
  onAttempt?: (activity: ActivityProgress) => void;
}

/** An activity that has not ended, as `describe` shows it. */
export interface ActivityProgress {
  activityType: string;
  attempt: number;
  lastFailure: FailureProto | null;
  heartbeatDetails: Payload | null;
  /** Milliseconds; null while an attempt is running. */
  nextAttemptAtMs: number | null;
}

/** Defaults of the server: https://docs.temporal.io/encyclopedia/retry-policies#default-values-for-retry-policy */
const [defaultInitialMs, defaultCoefficient, defaultMaxFactor] = [1_000, 2, 100];

interface ActivityLimits {
  startToCloseMs: number | null;
  scheduleToCloseMs: number | null;
  heartbeatMs: number | null;
}

export class ActivityTask {
  private attempt = 1;
  private heartbeat: Payload | null = null;
  private lastFailure: FailureProto | null = null;
  private next: Scheduled | null = null;
  private running: MockActivityEnvironment | null = null;
  private isCancelRequested = false;
  private hasEnded = false;
  private readonly scheduledMs: number;
  private readonly limits: ActivityLimits;
  private readonly limit: Scheduled | null;

  constructor(
    private readonly host: ActivityHost,
    private readonly command: ScheduleActivity,
    private readonly execution: { workflowId: string; runId: string; workflowType: string },
    private readonly ended: (end: ActivityEnd) => void,
  ) {
    this.scheduledMs = host.clock.nowMs;
    this.limits = {
      startToCloseMs: optionalTsToMs(command.startToCloseTimeout) ?? null,
      scheduleToCloseMs: optionalTsToMs(command.scheduleToCloseTimeout) ?? null,
      heartbeatMs: optionalTsToMs(command.heartbeatTimeout) ?? null,
    };
    this.limit = this.limitAll();
    this.next = host.clock.at(this.scheduledMs, () => this.begin());
  }

  get pending(): ActivityProgress {
    return {
      activityType: this.command.activityType ?? '',
      attempt: this.attempt,
      lastFailure: this.lastFailure,
      heartbeatDetails: this.heartbeat,
      nextAttemptAtMs: this.running ? null : (this.next?.atMs ?? null),
    };
  }

  /** An attempt that is running ends in its own way; without one the activity is canceled at once. */
  requestCancel(): void {
    this.isCancelRequested = true;
    if (this.running) {
      this.running.cancel('CANCELLED');
      // An attempt that waits for its cancellation resumes before time passes.
      this.host.clock.at(this.host.clock.nowMs, () => new Promise((resolve) => setImmediate(resolve)));
    } else this.end({ kind: 'canceled', attempt: this.attempt, started: false });
  }

  /** The workflow has ended: nothing that an attempt still reports counts. */
  abandon(): void {
    this.hasEnded = true;
    this.next?.cancel();
    this.limit?.cancel();
    this.running?.cancel('NOT_FOUND');
  }

  private limitAll(): Scheduled | null {
    const { scheduleToCloseMs } = this.limits;
    if (scheduleToCloseMs === null) return null;
    return this.host.clock.at(this.scheduledMs + scheduleToCloseMs, () =>
      this.timeOut(TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE, RetryState.RETRY_STATE_TIMEOUT),
    );
  }

  /** Starts an attempt; does not wait for its end, for it may wait for simulated time. */
  private begin(): void {
    this.next = null;
    const { attempts, activities } = this.host;
    const { activityType, arguments: given } = this.command;
    const run = activities[activityType ?? ''];
    if (!run) throw new Error(`no activity ${activityType} is registered`);
    const environment = this.environment();
    this.running = environment;
    const number = this.attempt;
    const isCurrent = () => this.running === environment && !this.hasEnded;
    const limit = this.limitAttempt(isCurrent);
    const args = (given ?? []).map(decode);
    void attempts.run(async () => {
      const settle = await environment.run(run, ...args).then(
        (value) => () => this.complete(encode(value === undefined ? null : value), number),
        (error: unknown) => () => this.fail(error),
      );
      limit?.cancel();
      if (!isCurrent()) return;
      this.running = null;
      settle();
    });
  }

  private environment(): MockActivityEnvironment {
    const { workflowId, runId, workflowType } = this.execution;
    const { activityType, activityId, taskQueue } = this.command;
    const environment = new MockActivityEnvironment(
      {
        attempt: this.attempt,
        activityType: activityType ?? '',
        activityId: activityId ?? '',
        taskQueue: taskQueue ?? '',
        workflowType,
        workflowExecution: { workflowId, runId },
        heartbeatDetails: decode(this.heartbeat),
        scheduledTimestampMs: this.scheduledMs,
        currentAttemptScheduledTimestampMs: this.host.clock.nowMs,
        startToCloseTimeoutMs: this.limits.startToCloseMs ?? 0,
        scheduleToCloseTimeoutMs: this.limits.scheduleToCloseMs ?? 0,
        ...(this.limits.heartbeatMs === null ? {} : { heartbeatTimeoutMs: this.limits.heartbeatMs }),
      },
      { interceptors: this.host.interceptors },
    );
    environment.on('heartbeat', (details: unknown) => {
      if (this.running === environment) this.heartbeat = encode(details);
    });
    return environment;
  }

  private limitAttempt(isCurrent: () => boolean): Scheduled | null {
    const { startToCloseMs } = this.limits;
    if (startToCloseMs === null) return null;
    return this.host.clock.at(this.host.clock.nowMs + startToCloseMs, () => {
      if (!isCurrent()) return;
      this.running?.cancel('TIMED_OUT');
      this.running = null;
      this.retryOrEnd(timeoutFailure(TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE, null), null, 'timedOut');
    });
  }

  private complete(result: Payload, attempt: number): void {
    this.end({ kind: 'completed', result, attempt });
  }

  private fail(error: unknown): void {
    if (this.isCancelRequested && error instanceof CancelledFailure)
      return this.end({ kind: 'canceled', attempt: this.attempt, started: true });
    const failure = encodeFailure(error);
    const application = failure.applicationFailureInfo;
    if (application?.nonRetryable)
      return this.end(this.failed(failure, RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE));
    this.retryOrEnd(failure, optionalTsToMs(application?.nextRetryDelay) ?? null, 'failed');
  }

  private retryOrEnd(failure: FailureProto, delayMs: number | null, kind: 'failed' | 'timedOut'): void {
    const end = (retryState: RetryStateValue) =>
      this.end(
        kind === 'failed'
          ? this.failed(failure, retryState)
          : { kind, failure, retryState, attempt: this.attempt },
      );
    if (this.isCancelRequested) return end(RetryState.RETRY_STATE_CANCEL_REQUESTED);
    const policy = this.command.retryPolicy;
    const maximumAttempts = policy?.maximumAttempts ?? 0;
    if (maximumAttempts > 0 && this.attempt >= maximumAttempts)
      return end(RetryState.RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED);
    const dueMs = this.host.clock.nowMs + (delayMs ?? this.backoffMs());
    const { scheduleToCloseMs } = this.limits;
    if (scheduleToCloseMs !== null && dueMs > this.scheduledMs + scheduleToCloseMs)
      return end(RetryState.RETRY_STATE_TIMEOUT);
    this.lastFailure = failure;
    this.attempt++;
    this.next = this.host.clock.at(dueMs, () => this.begin());
    this.host.onAttempt?.(this.pending);
  }

  private backoffMs(): number {
    const { retryPolicy } = this.command;
    const initial = optionalTsToMs(retryPolicy?.initialInterval) ?? defaultInitialMs;
    const most = optionalTsToMs(retryPolicy?.maximumInterval) ?? initial * defaultMaxFactor;
    const coefficient = retryPolicy?.backoffCoefficient ?? 0;
    return Math.min(initial * (coefficient || defaultCoefficient) ** (this.attempt - 1), most);
  }

  private timeOut(type: temporal.api.enums.v1.TimeoutType, retryState: RetryStateValue): void {
    if (this.hasEnded) return;
    this.running?.cancel('TIMED_OUT');
    this.running = null;
    this.end({
      kind: 'timedOut',
      failure: timeoutFailure(type, this.lastFailure),
      retryState,
      attempt: this.attempt,
    });
  }

  private failed(failure: FailureProto, retryState: RetryStateValue): ActivityEnd {
    return { kind: 'failed', failure, retryState, attempt: this.attempt };
  }

  private end(end: ActivityEnd): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.next?.cancel();
    this.limit?.cancel();
    this.ended(end);
  }
}

function timeoutFailure(
  timeoutType: temporal.api.enums.v1.TimeoutType,
  cause: FailureProto | null,
): FailureProto {
  return {
    message: 'activity timeout',
    timeoutFailureInfo: { timeoutType },
    ...(cause === null ? {} : { cause }),
  };
}
