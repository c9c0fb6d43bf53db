/**
 * One scheduled activity: its attempts, retries, time limits and cancellation, as Temporal's server does them.
 * Source: https://docs.temporal.io/encyclopedia/detecting-activity-failures and .../retry-policies
 */
import proto, { type temporal } from '@temporalio/proto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { CancelledFailure, type Payload } from '@temporalio/common';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import { isAbortError } from '@temporalio/common/lib/type-helpers.js';
import { DefaultLogger } from '@temporalio/worker';
import type { Scheduled, SimulatedClock } from '../clock.js';
import type { ScheduleActivity } from './activity-defaults.js';
import type { SimulatedWorker } from './worker.js';
import { decode, encode, encodeFailure, type FailureProto } from './payloads.js';

const { RetryState, TimeoutType } = proto.temporal.api.enums.v1;
export type RetryStateValue = temporal.api.enums.v1.RetryState;
type TimeoutTypeValue = temporal.api.enums.v1.TimeoutType;

/** How an activity ended. `attempt`: the last one. `started`: a worker had taken it; else the history has no start of it. */
export type ActivityEnd =
  | { kind: 'completed'; result: Payload; attempt: number }
  | { kind: 'failed'; failure: FailureProto; retryState: RetryStateValue; attempt: number }
  | {
      kind: 'timedOut';
      failure: FailureProto;
      retryState: RetryStateValue;
      attempt: number;
      started: boolean;
    }
  | { kind: 'canceled'; attempt: number; started: boolean };

export interface ActivityHost {
  clock: SimulatedClock;
  worker: SimulatedWorker;
  /** Absent: attempts are made at their planned times. */
  times?: AttemptTimes | undefined;
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

/**
 * When the next attempt is made, and with which heartbeat details; null: as planned. `beganMs`: start of the last attempt,
 * milliseconds since the epoch.
 */
export type ChoosePoll = (
  beganMs: number,
  details: unknown,
  isPostponed: boolean,
) => { dueMs: number; details: unknown } | null;

/** An activity whose last attempt failed and can be retried. Milliseconds since the epoch. */
export interface PolledActivity {
  command: ScheduleActivity;
  failure: FailureProto;
  /** Heartbeat details. */
  details: unknown;
  /** Start of the last attempt. */
  beganMs: number;
  /** Planned time of the next one. */
  plannedMs: number;
}

/** Can postpone attempts, as if no worker had been free. */
export interface AttemptTimes {
  /** When the next attempt is made: at its planned time, or later. */
  next(poll: PolledActivity): number;
  /** Whether an attempt at the planned time would have left the activity as this one does. */
  isSteady(poll: Pick<PolledActivity, 'failure' | 'details'>): boolean;
  /** Attempts since `fromMs` were postponed, and the activity ended at `toMs` before a steady attempt made up for them. */
  postponed(fromMs: number, toMs: number): void;
}

/** Defaults of the server: https://docs.temporal.io/encyclopedia/retry-policies#default-values-for-retry-policy */
const [defaultInitialMs, defaultCoefficient, defaultMaxFactor] = [1_000, 2, 100];

/** The failure of an attempt is in the activity's progress. */
const silent = new DefaultLogger('ERROR', () => undefined);

/** Milliseconds; null: no limit. */
interface ActivityLimits {
  scheduleToStartMs: number | null;
  startToCloseMs: number | null;
  scheduleToCloseMs: number | null;
  heartbeatMs: number | null;
}

/** An attempt that a worker has taken and not reported, as the server knows it. */
interface RunningAttempt {
  environment: MockActivityEnvironment;
  limits: Scheduled[];
  lastHeartbeatMs: number;
  /** The attempt has been told of the cancellation. */
  isCancelled: boolean;
}

export class ActivityTask {
  private attempt = 1;
  private heartbeat: Payload | null = null;
  private lastFailure: FailureProto | null = null;
  private next: Scheduled | null = null;
  /** Due time of the next attempt, or of the running one. */
  private dueMs: number;
  private running: RunningAttempt | null = null;
  /** Start of the last attempt. */
  private beganMs = 0;
  /** Set since an attempt was postponed, until a later one has shown that nothing was missed. */
  private postponed: { fromMs: number; plannedMs: number } | null = null;
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
    this.scheduledMs = this.dueMs = host.clock.nowMs;
    this.limits = {
      scheduleToStartMs: optionalTsToMs(command.scheduleToStartTimeout) ?? null,
      startToCloseMs: optionalTsToMs(command.startToCloseTimeout) ?? null,
      scheduleToCloseMs: optionalTsToMs(command.scheduleToCloseTimeout) ?? null,
      heartbeatMs: optionalTsToMs(command.heartbeatTimeout) ?? null,
    };
    this.limit = this.limitAll();
    this.schedule(this.scheduledMs);
  }

  get pending(): ActivityProgress {
    return {
      activityType: this.command.activityType ?? '',
      attempt: this.attempt,
      lastFailure: this.lastFailure,
      heartbeatDetails: this.heartbeat,
      nextAttemptAtMs: this.running ? null : this.dueMs,
    };
  }

  /**
   * Without a running attempt the activity is canceled at once. A running one learns it from the response to its next
   * heartbeat, and ends in its own way: https://docs.temporal.io/develop/typescript/cancellation
   */
  requestCancel(): void {
    this.isCancelRequested = true;
    if (!this.running) this.end({ kind: 'canceled', attempt: this.attempt, started: false });
  }

  /** Puts the next attempt before its time, if `choose` says so. */
  pollEarlier(choose: ChoosePoll): void {
    if (this.running || this.hasEnded || this.attempt === 1) return;
    const { postponed } = this;
    const chosen = choose(this.beganMs, decode(this.heartbeat), postponed !== null);
    if (chosen === null || chosen.dueMs >= this.dueMs) return;
    this.next?.cancel();
    if (postponed !== null && chosen.dueMs <= postponed.plannedMs) this.postponed = null;
    this.heartbeat = encode(chosen.details);
    this.schedule(chosen.dueMs);
  }

  /** The workflow has ended: nothing that an attempt still reports counts. */
  abandon(): void {
    this.hasEnded = true;
    this.reportPostponed();
    this.next?.cancel();
    this.limit?.cancel();
    this.running?.environment.cancel('NOT_FOUND');
    this.stopAttempt();
  }

  private limitAll(): Scheduled | null {
    const { scheduleToCloseMs } = this.limits;
    if (scheduleToCloseMs === null) return null;
    return this.host.clock.at(this.scheduledMs + scheduleToCloseMs, () =>
      this.timeOut(TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE),
    );
  }

  /** Puts an attempt on the task queue at that time; it starts when a worker takes it. */
  private schedule(dueMs: number): void {
    this.dueMs = dueMs;
    const isDue = () => this.attempt === attempt && !this.running && !this.hasEnded;
    const { attempt } = this;
    const { scheduleToStartMs } = this.limits;
    this.next = this.host.clock.at(dueMs, () => {
      this.host.worker.take(() => {
        if (isDue()) this.begin();
      });
      if (scheduleToStartMs === null || !isDue()) return;
      this.next = this.host.clock.at(dueMs + scheduleToStartMs, () => {
        if (isDue()) this.timeOut(TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START);
      });
    });
  }

  /** Starts an attempt; does not wait for its end, for it may wait for simulated time. */
  private begin(): void {
    this.next?.cancel();
    this.next = null;
    this.beganMs = this.host.clock.nowMs;
    const { process, activities } = this.host.worker;
    const { activityType, arguments: given } = this.command;
    const run = activities[activityType ?? ''];
    if (!run) throw new Error(`no activity ${activityType} is registered`);
    const environment = this.environment();
    const running: RunningAttempt = {
      environment,
      limits: [],
      lastHeartbeatMs: this.host.clock.nowMs,
      isCancelled: false,
    };
    this.running = running;
    this.limitAttempt(running);
    const args = (given ?? []).map(decode);
    const attempt = process.run(async () => {
      const settle = await environment.run(run, ...args).then(
        (value) => () => this.complete(encode(value)),
        (error: unknown) => () => this.fail(error, running.isCancelled),
      );
      if (this.running !== running || !process.isAlive) return;
      this.stopAttempt();
      settle();
    });
    // An error here is one of the simulation, and ends it.
    attempt.catch((error: Error) =>
      this.host.clock.at(this.host.clock.nowMs, () => {
        throw error;
      }),
    );
  }

  private environment(): MockActivityEnvironment {
    const { workflowId, runId, workflowType } = this.execution;
    const { activityType, activityId, taskQueue } = this.command;
    const { worker } = this.host;
    const { process } = worker;
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
        currentAttemptScheduledTimestampMs: this.dueMs,
        startToCloseTimeoutMs: this.limits.startToCloseMs ?? 0,
        scheduleToCloseTimeoutMs: this.limits.scheduleToCloseMs ?? 0,
        ...(this.limits.heartbeatMs === null ? {} : { heartbeatTimeoutMs: this.limits.heartbeatMs }),
      },
      {
        interceptors: worker.interceptors,
        logger: silent,
        client: worker.clientFor((details) => record(details)),
      },
    );
    const record = (details: unknown) => {
      const { running } = this;
      if (running?.environment !== environment || !process.isAlive) return;
      this.heartbeat = encode(details);
      running.lastHeartbeatMs = this.host.clock.nowMs;
      if (!this.isCancelRequested) return;
      running.isCancelled = true;
      environment.cancel('CANCELLED');
    };
    environment.on('heartbeat', record);
    return environment;
  }

  private limitAttempt(running: RunningAttempt): void {
    const { startToCloseMs, heartbeatMs } = this.limits;
    const { clock } = this.host;
    const limitAt = (atMs: number, reached: () => void) =>
      running.limits.push(
        clock.at(atMs, () => {
          if (this.running === running) reached();
        }),
      );
    if (startToCloseMs !== null)
      limitAt(clock.nowMs + startToCloseMs, () => this.timeOut(TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE));
    if (heartbeatMs === null) return;
    const check = () => {
      const dueMs = running.lastHeartbeatMs + heartbeatMs;
      if (dueMs > clock.nowMs) limitAt(dueMs, check);
      else this.timeOut(TimeoutType.TIMEOUT_TYPE_HEARTBEAT);
    };
    limitAt(clock.nowMs + heartbeatMs, check);
  }

  /** The server no longer waits for the attempt. */
  private stopAttempt(): void {
    for (const limit of this.running?.limits ?? []) limit.cancel();
    this.running = null;
  }

  private complete(result: Payload): void {
    this.end({ kind: 'completed', result, attempt: this.attempt });
  }

  /** The SDK's worker reports the same two errors as a cancellation (@temporalio/worker `lib/activity.js`). */
  private fail(error: unknown, isCancelled: boolean): void {
    if (isCancelled && (error instanceof CancelledFailure || isAbortError(error)))
      return this.end({ kind: 'canceled', attempt: this.attempt, started: true });
    const failure = encodeFailure(error);
    const delayMs = optionalTsToMs(failure.applicationFailureInfo?.nextRetryDelay) ?? null;
    const retryState = this.retry(failure, delayMs);
    if (retryState !== null) this.end({ kind: 'failed', failure, retryState, attempt: this.attempt });
  }

  /**
   * Schedules the next attempt. Returns why there is none, in the order of the server's rules: `RetryActivity` in
   * service/history/workflow/mutable_state_impl.go.
   */
  private retry(failure: FailureProto, delayMs: number | null): RetryStateValue | null {
    if (this.isCancelRequested) return RetryState.RETRY_STATE_CANCEL_REQUESTED;
    const policy = this.command.retryPolicy;
    if (!isRetryable(failure, policy?.nonRetryableErrorTypes ?? []))
      return RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE;
    const maximumAttempts = policy?.maximumAttempts ?? 0;
    if (maximumAttempts > 0 && this.attempt >= maximumAttempts)
      return RetryState.RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED;
    const dueMs = this.host.clock.nowMs + (delayMs ?? this.backoffMs());
    const { scheduleToCloseMs } = this.limits;
    if (scheduleToCloseMs !== null && dueMs > this.scheduledMs + scheduleToCloseMs)
      return RetryState.RETRY_STATE_TIMEOUT;
    this.lastFailure = failure;
    this.attempt++;
    this.schedule(this.postpone(failure, dueMs));
    this.host.onAttempt?.(this.pending);
    return null;
  }

  /** The time of the next attempt. */
  private postpone(failure: FailureProto, plannedMs: number): number {
    const { times } = this.host;
    if (times === undefined) return plannedMs;
    const { command, beganMs } = this;
    const poll = { command, failure, details: decode(this.heartbeat), beganMs, plannedMs };
    if (times.isSteady(poll)) this.postponed = null;
    const dueMs = times.next(poll);
    if (dueMs > plannedMs) this.postponed ??= { fromMs: beganMs, plannedMs };
    return dueMs;
  }

  private reportPostponed(): void {
    const { postponed } = this;
    const { nowMs } = this.host.clock;
    this.postponed = null;
    if (postponed !== null && nowMs >= postponed.plannedMs)
      this.host.times?.postponed(postponed.fromMs, nowMs);
  }

  private backoffMs(): number {
    const { retryPolicy } = this.command;
    const initial = optionalTsToMs(retryPolicy?.initialInterval) ?? defaultInitialMs;
    const most = optionalTsToMs(retryPolicy?.maximumInterval) ?? initial * defaultMaxFactor;
    const coefficient = retryPolicy?.backoffCoefficient ?? 0;
    return Math.min(initial * (coefficient || defaultCoefficient) ** (this.attempt - 1), most);
  }

  /** If there is no time for another attempt, the activity ends as by its schedule-to-close limit. */
  private timeOut(type: TimeoutTypeValue): void {
    if (this.hasEnded) return;
    const started = this.running !== null;
    this.running?.environment.cancel('TIMED_OUT');
    this.stopAttempt();
    const { lastFailure, heartbeat } = this;
    const retryState = this.retry(timeoutFailure(type), null);
    if (retryState === null) return;
    const { timeoutFailureInfo, ...failure } = timeoutFailure(
      retryState === RetryState.RETRY_STATE_TIMEOUT ? TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE : type,
    );
    this.end({
      kind: 'timedOut',
      failure: {
        ...failure,
        timeoutFailureInfo: {
          ...timeoutFailureInfo,
          ...(heartbeat === null ? {} : { lastHeartbeatDetails: { payloads: [heartbeat] } }),
        },
        ...(lastFailure === null ? {} : { cause: lastFailure }),
      },
      retryState,
      attempt: this.attempt,
      started,
    });
  }

  private end(end: ActivityEnd): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.reportPostponed();
    this.next?.cancel();
    this.limit?.cancel();
    this.ended(end);
  }
}

/** As the server names them. */
const timeoutNames: Record<TimeoutTypeValue, string> = {
  [TimeoutType.TIMEOUT_TYPE_UNSPECIFIED]: 'Unspecified',
  [TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE]: 'StartToClose',
  [TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START]: 'ScheduleToStart',
  [TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE]: 'ScheduleToClose',
  [TimeoutType.TIMEOUT_TYPE_HEARTBEAT]: 'Heartbeat',
};

function timeoutFailure(timeoutType: TimeoutTypeValue): FailureProto {
  return {
    ...{ message: `activity ${timeoutNames[timeoutType]} timeout`, source: 'Server' },
    timeoutFailureInfo: { timeoutType },
  };
}

const retryableTimeouts: readonly (TimeoutTypeValue | null | undefined)[] = [
  TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE,
  TimeoutType.TIMEOUT_TYPE_HEARTBEAT,
];

/** The two other time limits are limits of the whole activity. */
function isRetryable(
  { timeoutFailureInfo, applicationFailureInfo, canceledFailureInfo }: FailureProto,
  nonRetryableTypes: string[],
): boolean {
  if (canceledFailureInfo) return false;
  if (timeoutFailureInfo) return retryableTimeouts.includes(timeoutFailureInfo.timeoutType);
  const { nonRetryable, type } = applicationFailureInfo ?? {};
  return !nonRetryable && !nonRetryableTypes.includes(type ?? '');
}
