/**
 * Separates commands from activity attempts. Temporal's test server (1.31.0) has three bugs that real servers do not have:
 * - A cancelled attempt fails with a retryable failure: the server drops the activity without an event. The workflow waits
 *   for it forever.
 * - An activity completes while a workflow task that cancels it is running: the server rejects the task's completion as
 *   ACTIVITY_UNKNOWN. The update of this task is never answered, and the clock stays locked.
 * - An activity is cancelled while its next attempt is queued: the clock stays locked.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { CompleteAsyncError, type Context } from '@temporalio/activity';
import {
  ActivityNotFoundError,
  WorkflowUpdateStage,
  type WorkflowClientInterceptor,
  type WorkflowHandle,
} from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { ActivityInterceptors, WorkerInterceptors } from '@temporalio/worker';

type Pending = proto.temporal.api.workflow.v1.IPendingActivityInfo;
const scheduled = proto.temporal.api.enums.v1.PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED;
const cancelRequested =
  proto.temporal.api.enums.v1.PendingActivityState.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED;

/** Real time before an attempt's schedule in which it counts as queued. The clock does not skip meanwhile. */
const soonMs = 100;
const maxTries = 500;

type Outcome = { result: unknown } | { error: unknown };

export class Turns {
  private readonly commands = new Set<Promise<unknown>>();
  private lastEnd: Promise<unknown> = Promise.resolve();

  constructor(private readonly env: TestWorkflowEnvironment) {}

  /** Sends an update. No attempt begins or ends before the workflow has accepted or rejected it. */
  async update<T>(handle: WorkflowHandle, name: string, argument: unknown): Promise<T> {
    const options = { args: [argument] as [unknown], waitForStage: WorkflowUpdateStage.ACCEPTED } as const;
    const sent = await this.command(handle.workflowId, () => handle.startUpdate<T, [unknown]>(name, options));
    return sent.result();
  }

  /** Client interceptor: no attempt begins or ends before the workflow has handled a signal or a cancellation. */
  get clientInterceptor(): WorkflowClientInterceptor {
    const handled = <T>(workflowId: string, send: () => Promise<T>): Promise<T> =>
      this.command(workflowId, async () => {
        const sent = await send();
        await this.waitForWorkflowTask(workflowId);
        return sent;
      });
    return {
      signal: (input, next) => handled(input.workflowExecution.workflowId ?? '', () => next(input)),
      cancel: (input, next) => handled(input.workflowExecution.workflowId ?? '', () => next(input)),
    };
  }

  /**
   * Worker interceptor: the test reports how an attempt ended, because the worker does not know when the server has
   * received its report.
   */
  get workerInterceptors(): WorkerInterceptors {
    return { activity: [(context) => this.interceptActivity(context)] };
  }

  /** Commands may run in parallel. */
  private command<T>(workflowId: string, send: () => Promise<T>): Promise<T> {
    const sent = this.lastEnd.then(() => this.waitUntilQuiet(workflowId)).then(send);
    const settled = sent.then(
      () => undefined,
      () => undefined,
    );
    this.commands.add(settled);
    void settled.then(() => this.commands.delete(settled));
    return sent;
  }

  /** Ends are reported one after another, and not during a command. */
  private end(report: () => Promise<void>): Promise<void> {
    const reported = Promise.all([this.lastEnd, ...this.commands]).then(report);
    this.lastEnd = reported.catch(() => undefined);
    return reported;
  }

  private interceptActivity(context: Context): ActivityInterceptors {
    return {
      inbound: {
        execute: async (input, next) => {
          const outcome = await next(input).then(
            (result): Outcome => ({ result }),
            (error: unknown): Outcome => ({ error }),
          );
          await this.end(() => this.report(context, outcome));
          throw new CompleteAsyncError();
        },
      },
    };
  }

  private async report({ info, cancellationSignal }: Context, outcome: Outcome): Promise<void> {
    // The worker is shutting down, and would not answer a query.
    if (cancellationSignal.aborted) return;
    const { activity } = this.env.client;
    try {
      const pending = await this.waitUntilQuiet(info.workflowExecution?.workflowId ?? '', info.activityId);
      const own = pending.find(({ activityId }) => activityId === info.activityId);
      if ('result' in outcome) await activity.complete(info.taskToken, outcome.result);
      else if (own?.state === cancelRequested) await activity.reportCancellation(info.taskToken);
      else await activity.fail(info.taskToken, outcome.error);
    } catch (error) {
      // The workflow has ended in the meantime.
      if (!(error instanceof ActivityNotFoundError)) throw error;
    }
  }

  /** Waits until no workflow task runs and no other attempt is queued or about to be. Returns the pending activities. */
  private async waitUntilQuiet(workflowId: string, but = ''): Promise<Pending[]> {
    const handle = this.env.client.workflow.getHandle(workflowId);
    // The worker of a closed workflow may be shut down, and would not answer a query.
    if ((await handle.describe()).status.name !== 'RUNNING') return [];
    for (let tries = 0; ; tries++) {
      await this.waitForWorkflowTask(workflowId);
      const { raw, status } = await handle.describe();
      const pending = (status.name === 'RUNNING' && raw.pendingActivities) || [];
      const others = pending.filter(({ activityId }) => activityId !== but);
      const now = others.length > 0 ? await this.env.currentTimeMs() : 0;
      if (tries === maxTries || !others.some((each) => isQueued(each, now))) return pending;
      await delay(10);
    }
  }

  /** The server answers a query after the running workflow task. */
  private async waitForWorkflowTask(workflowId: string): Promise<void> {
    const handle = this.env.client.workflow.getHandle(workflowId);
    await this.env.client
      .withDeadline(Date.now() + 10_000, () => handle.query('__temporal_workflow_metadata'))
      .catch(() => undefined);
  }
}

/** Between two attempts, the server shows the state of the last attempt. */
function isQueued(activity: Pending, now: number): boolean {
  const { state, lastStartedTime, lastAttemptCompleteTime, lastFailure, attempt } = activity;
  if (state === scheduled) return true;
  if (state === cancelRequested || !lastAttemptCompleteTime) return false;
  const ended = tsToMs(lastAttemptCompleteTime);
  if (tsToMs(lastStartedTime) > ended) return false;
  const asked = lastFailure?.applicationFailureInfo?.nextRetryDelay;
  const backoff = asked ? tsToMs(asked) : Math.min(30_000, 1_000 * 2 ** ((attempt ?? 2) - 1));
  return now + soonMs >= ended + backoff;
}
