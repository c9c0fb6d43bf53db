/** The activities of a run, and their events. */
import proto, { type coresdk, type temporal } from '@temporalio/proto';
import { withServerDefaults } from './activity-defaults.js';
import { ActivityTask, type ActivityEnd, type ActivityProgress, type ChoosePoll } from './activity-task.js';
import { EventType, longOf, taskQueueOf, type HistoryEvent } from './history.js';
import { encode } from './payloads.js';
import type { RunCore } from './run-core.js';
import type { Job } from './sdk.js';

interface RunningActivity {
  task: ActivityTask;
  scheduledEventId: number;
  activityType: string;
  meta: Partial<HistoryEvent>;
  cancellationType: coresdk.workflow_commands.ActivityCancellationType;
  cancelRequestedEventId: number | null;
  /** The workflow has not waited for the end. */
  isResolved: boolean;
}

const { ActivityCancellationType } = proto.coresdk.workflow_commands;

export class RunActivities {
  private readonly activities = new Map<number, RunningActivity>();

  constructor(private readonly run: RunCore) {}

  get pending(): ActivityProgress[] {
    return [...this.activities.values()].map(({ task }) => task.pending);
  }

  pollEarlier(choose: ChoosePoll): void {
    for (const { task } of this.activities.values()) task.pollEarlier(choose);
  }

  close(): void {
    for (const { task } of this.activities.values()) task.abandon();
    this.activities.clear();
  }

  schedule(given: coresdk.workflow_commands.IScheduleActivity, meta: Partial<HistoryEvent>): void {
    const command = withServerDefaults(given);
    const { seq, activityId, activityType, taskQueue, retryPolicy } = command;
    const scheduledEventId = this.run.add({
      eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
      activityTaskScheduledEventAttributes: {
        activityId: activityId ?? null,
        activityType: { name: activityType ?? null },
        taskQueue: taskQueueOf(taskQueue ?? ''),
        input: { payloads: command.arguments ?? [] },
        scheduleToCloseTimeout: command.scheduleToCloseTimeout ?? null,
        scheduleToStartTimeout: command.scheduleToStartTimeout ?? null,
        startToCloseTimeout: command.startToCloseTimeout ?? null,
        heartbeatTimeout: command.heartbeatTimeout ?? null,
        retryPolicy: retryPolicy ?? null,
        useWorkflowBuildId: command.versioningIntent !== proto.coresdk.common.VersioningIntent.DEFAULT,
        workflowTaskCompletedEventId: longOf(this.run.completedEventId),
      },
      ...meta,
    });
    const { workflowId, runId, workflowType } = this.run.options;
    const execution = { workflowId, runId, workflowType };
    const task = new ActivityTask(this.run.host, command, execution, (end) => {
      this.activities.delete(seq ?? 0);
      this.run.afterCommands(() => {
        if (!this.run.end) this.finish(seq ?? 0, activity, end);
      });
    });
    const activity: RunningActivity = {
      ...{ task, scheduledEventId, activityType: activityType ?? '', meta },
      cancellationType: command.cancellationType ?? ActivityCancellationType.TRY_CANCEL,
      ...{ cancelRequestedEventId: null, isResolved: false },
    };
    this.activities.set(seq ?? 0, activity);
  }

  cancel(seq: number): void {
    const activity = this.activities.get(seq);
    // One that has ended meanwhile is in the jobs of the next task.
    if (!activity) return;
    activity.cancelRequestedEventId = this.run.add({
      eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED,
      activityTaskCancelRequestedEventAttributes: {
        scheduledEventId: longOf(activity.scheduledEventId),
        workflowTaskCompletedEventId: longOf(this.run.completedEventId),
      },
      ...activity.meta,
    });
    activity.task.requestCancel();
  }

  /**
   * The job of a cancellation that the workflow does not wait for, once. `isAbandoned`: the server does not hear of the
   * cancellation.
   */
  resolveUnawaited(seq: number): { job: Job; isAbandoned: boolean } | null {
    const activity = this.activities.get(seq);
    if (!activity || activity.isResolved) return null;
    if (activity.cancellationType === ActivityCancellationType.WAIT_CANCELLATION_COMPLETED) return null;
    activity.isResolved = true;
    const isAbandoned = activity.cancellationType === ActivityCancellationType.ABANDON;
    return { job: canceledActivity(seq, { activityType: activity.activityType }), isAbandoned };
  }

  private finish(
    seq: number,
    { task, scheduledEventId, activityType, cancelRequestedEventId, isResolved }: RunningActivity,
    end: ActivityEnd,
  ): void {
    const deliver = (job: Job) => this.run.deliver(isResolved ? null : job);
    const scheduled = { scheduledEventId: longOf(scheduledEventId) };
    const { lastFailure } = task.pending;
    const startedEventId =
      'started' in end && !end.started
        ? 0
        : this.run.add({
            eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED,
            activityTaskStartedEventAttributes: { ...scheduled, attempt: end.attempt, lastFailure },
          });
    const ids = { ...scheduled, startedEventId: longOf(startedEventId) };
    const activityFailureInfo = (retryState: number) => ({
      ...ids,
      activityType: { name: activityType },
      activityId: String(seq),
      retryState,
    });
    switch (end.kind) {
      case 'completed':
        this.run.add({
          eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
          activityTaskCompletedEventAttributes: { ...ids, result: { payloads: [end.result] } },
        });
        return deliver({ resolveActivity: { seq, result: { completed: { result: end.result } } } });
      case 'failed':
        this.run.add({
          eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED,
          activityTaskFailedEventAttributes: { ...ids, failure: end.failure, retryState: end.retryState },
        });
        break;
      case 'timedOut':
        this.run.add({
          eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT,
          activityTaskTimedOutEventAttributes: { ...ids, failure: end.failure, retryState: end.retryState },
        });
        break;
      case 'canceled': {
        const details = end.started ? null : { payloads: [encode('ACTIVITY_ID_NOT_STARTED')] };
        this.run.add({
          eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED,
          activityTaskCanceledEventAttributes: {
            ...ids,
            details,
            latestCancelRequestedEventId: longOf(cancelRequestedEventId ?? 0),
          },
        });
        return deliver(canceledActivity(seq, { activityType, details, ...ids }));
      }
    }
    const failure = {
      message: end.kind === 'failed' ? 'Activity task failed' : 'Activity task timed out',
      activityFailureInfo: activityFailureInfo(end.retryState),
      cause: end.failure,
    };
    deliver({ resolveActivity: { seq, result: { failed: { failure } } } });
  }
}

type CanceledActivity = {
  activityType: string;
  details?: temporal.api.common.v1.IPayloads | null;
} & Pick<temporal.api.failure.v1.IActivityFailureInfo, 'scheduledEventId' | 'startedEventId'>;

/** The job that tells the workflow of a canceled activity, with the texts of the SDK's core. */
export function canceledActivity(
  seq: number,
  { activityType, details = null, ...ids }: CanceledActivity,
): Job {
  const failure = {
    message: 'Activity cancelled',
    activityFailureInfo: {
      ...{ ...ids, activityId: String(seq), activityType: { name: activityType } },
      retryState: proto.temporal.api.enums.v1.RetryState.RETRY_STATE_CANCEL_REQUESTED,
    },
    cause: { canceledFailureInfo: { details } },
  };
  return { resolveActivity: { seq, result: { cancelled: { failure } } } };
}
