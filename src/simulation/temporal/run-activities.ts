/** The activities of a run, and their events. */
import proto, { type coresdk } from '@temporalio/proto';
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
  cancelRequestedEventId: number | null;
}

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
      cancelRequestedEventId: null,
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

  private finish(
    seq: number,
    { task, scheduledEventId, activityType, cancelRequestedEventId }: RunningActivity,
    end: ActivityEnd,
  ): void {
    const scheduled = { scheduledEventId: longOf(scheduledEventId) };
    const { lastFailure } = task.pending;
    const startedEventId =
      end.kind === 'canceled' && !end.started
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
        return this.run.deliver({ resolveActivity: { seq, result: { completed: { result: end.result } } } });
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
      case 'canceled':
        this.run.add({
          eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED,
          activityTaskCanceledEventAttributes: {
            ...ids,
            ...(end.started ? {} : { details: { payloads: [encode('ACTIVITY_ID_NOT_STARTED')] } }),
            latestCancelRequestedEventId: longOf(cancelRequestedEventId ?? 0),
          },
        });
        return this.run.deliver(canceledActivity(seq, activityType));
    }
    const failure = {
      message: end.kind === 'failed' ? 'Activity task failed' : 'Activity task timed out',
      activityFailureInfo: activityFailureInfo(end.retryState),
      cause: end.failure,
    };
    this.run.deliver({ resolveActivity: { seq, result: { failed: { failure } } } });
  }
}

/** The job that tells the workflow of a canceled activity. */
export function canceledActivity(seq: number, activityType: string): Job {
  const message = 'Activity task canceled';
  const failure = {
    message,
    activityFailureInfo: { activityId: String(seq), activityType: { name: activityType } },
    cause: { message, canceledFailureInfo: {} },
  };
  return { resolveActivity: { seq, result: { cancelled: { failure } } } };
}
