/** The activities of a run, and their events. */
import type { coresdk } from '@temporalio/proto';
import { ActivityTask, type ActivityEnd, type ActivityProgress } from './activity-task.js';
import { EventType, longOf, type HistoryEvent } from './history.js';
import type { RunCore } from './run-core.js';
import type { Job } from './sdk.js';

interface RunningActivity {
  task: ActivityTask;
  scheduledEventId: number;
  activityType: string;
}

export class RunActivities {
  private readonly activities = new Map<number, RunningActivity>();

  constructor(private readonly run: RunCore) {}

  get pending(): ActivityProgress[] {
    return [...this.activities.values()].map(({ task }) => task.pending);
  }

  close(): void {
    for (const { task } of this.activities.values()) task.abandon();
    this.activities.clear();
  }

  schedule(command: coresdk.workflow_commands.IScheduleActivity, meta: Partial<HistoryEvent>): void {
    const { seq, activityId, activityType, taskQueue, retryPolicy } = command;
    const scheduledEventId = this.run.add({
      eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
      activityTaskScheduledEventAttributes: {
        activityId: activityId ?? null,
        activityType: { name: activityType ?? null },
        taskQueue: { name: taskQueue ?? null },
        input: { payloads: command.arguments ?? [] },
        scheduleToCloseTimeout: command.scheduleToCloseTimeout ?? null,
        scheduleToStartTimeout: command.scheduleToStartTimeout ?? null,
        startToCloseTimeout: command.startToCloseTimeout ?? null,
        heartbeatTimeout: command.heartbeatTimeout ?? null,
        retryPolicy: retryPolicy ?? null,
        workflowTaskCompletedEventId: longOf(this.run.completedEventId),
      },
      ...meta,
    });
    const { workflowId, runId, workflowType } = this.run.options;
    const execution = { workflowId, runId, workflowType };
    const activity = { scheduledEventId, activityType: activityType ?? '' };
    const task = new ActivityTask(this.run.host, command, execution, (end) => {
      this.activities.delete(seq ?? 0);
      if (!this.run.end) this.finish(seq ?? 0, activity, end);
    });
    this.activities.set(seq ?? 0, { task, ...activity });
  }

  cancel(seq: number): void {
    const activity = this.activities.get(seq);
    // One that has ended meanwhile is in the jobs of the next task.
    if (!activity) return;
    this.run.add({
      eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED,
      activityTaskCancelRequestedEventAttributes: {
        scheduledEventId: longOf(activity.scheduledEventId),
        workflowTaskCompletedEventId: longOf(this.run.completedEventId),
      },
    });
    activity.task.requestCancel();
  }

  private finish(
    seq: number,
    { scheduledEventId, activityType }: Omit<RunningActivity, 'task'>,
    end: ActivityEnd,
  ): void {
    const scheduled = { scheduledEventId: longOf(scheduledEventId) };
    const startedEventId =
      end.kind === 'canceled' && !end.started
        ? 0
        : this.run.add({
            eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED,
            activityTaskStartedEventAttributes: { ...scheduled, attempt: end.attempt },
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
          activityTaskCanceledEventAttributes: ids,
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
