/**
 * One run of a workflow: its workflow tasks, and what its commands do. The server's part of Temporal's protocol; the
 * workflow's part is the SDK's own sandbox. Sources: temporal/api history and command messages (@temporalio/proto), and
 * https://docs.temporal.io/references/events for which event follows which.
 */
import proto, { type coresdk } from '@temporalio/proto';
import { TypedSearchAttributes, type Payload } from '@temporalio/common';
import { msToTs, optionalTsToMs } from '@temporalio/common/lib/time.js';
import type { WorkflowInfo } from '@temporalio/workflow';
import type { Scheduled, SimulatedClock } from '../clock.js';
import { ActivityTask, type ActivityEnd, type ActivityHost, type ActivityProgress } from './activity-task.js';
import { EventType, EventLog, longOf, type HistoryEvent } from './history.js';
import { decodeFailure, type FailureProto } from './payloads.js';
import type { SandboxActivation, Job, SandboxedRun, WorkflowCommand, WorkflowSandbox } from './sdk.js';

type Fields = Record<string, Payload>;

export interface RunOptions {
  workflowId: string;
  workflowType: string;
  runId: string;
  taskQueue: string;
  args: Payload[];
  memo: Fields;
  searchAttributes: Fields;
  /** Run id of the first run of the chain. */
  firstRunId: string;
  startMs: number;
  continuedFrom: string | null;
  parent: { workflowId: string; runId: string } | null;
  /** 8 bytes. */
  seed: number[];
}

export type RunEnd =
  | { kind: 'completed'; result: Payload | null }
  | { kind: 'failed'; failure: FailureProto }
  | { kind: 'canceled' }
  | { kind: 'terminated'; reason: string }
  | { kind: 'continuedAsNew'; command: coresdk.workflow_commands.IContinueAsNewWorkflowExecution };

/** Calls of a run to other workflows. */
export interface RunHost extends ActivityHost {
  clock: SimulatedClock;
  sandbox: WorkflowSandbox;
  /** Null: an execution of that id is running. */
  startChild(
    parent: WorkflowRun,
    command: coresdk.workflow_commands.IStartChildWorkflowExecution,
  ): WorkflowRun | null;
  /** False: no such execution is running. */
  signal(workflowId: string, name: string, args: Payload[]): boolean;
  cancel(workflowId: string): boolean;
  onEnd(run: WorkflowRun, end: RunEnd): void;
}

interface Update {
  name: string;
  settled: (outcome: { result: Payload } | { failure: FailureProto; wasAccepted: boolean }) => void;
  acceptedEventId: number | null;
  args: Payload[];
}

interface RunningActivity {
  task: ActivityTask;
  scheduledEventId: number;
  activityType: string;
}

/** A task as it was given to the workflow, and what the workflow answered: what a replay must reproduce. */
interface RecordedTask {
  activations: SandboxActivation[];
  commands: WorkflowCommand[];
}

const { ContinueAsNewInitiator } = proto.temporal.api.enums.v1;
const maxEventsBeforeSuggestion = 4_096;
const maxBytesBeforeSuggestion = 4 * 2 ** 20;

export class WorkflowRun {
  readonly history = new EventLog();
  end: RunEnd | null = null;
  memo: Fields;
  searchAttributes: Fields;
  /** The failure of the last workflow task, if that failed: a bug in workflow code. */
  taskFailure: FailureProto | null = null;
  private sandboxed: SandboxedRun | null = null;
  private jobs: Job[];
  private isTaskScheduled = false;
  private isCarryingOut = false;
  /** Length of the history before a task that only updates asked for; null if the task stays whatever they come to. */
  private speculativeFrom: number | null = null;
  private readonly timers = new Map<number, Scheduled>();
  private readonly timerEvents = new Map<number, number>();
  private readonly activities = new Map<number, RunningActivity>();
  private readonly children = new Map<number, { run: WorkflowRun | null; initiatedEventId: number }>();
  private readonly updates = new Map<string, Update>();
  private readonly recorded: RecordedTask[] = [];
  private readonly flags = new Set<number>();
  /** One call into the sandbox at a time. */
  private lane: Promise<unknown> = Promise.resolve();
  private readonly onEndOf: ((end: RunEnd) => void)[] = [];
  private scheduledEventId = 0;
  private completedEventId = 0;

  constructor(
    private readonly host: RunHost,
    readonly options: RunOptions,
  ) {
    this.memo = options.memo;
    this.searchAttributes = options.searchAttributes;
    this.jobs = [this.initializeJob()];
  }

  get pendingActivities(): ActivityProgress[] {
    return [...this.activities.values()].map(({ task }) => task.pending);
  }

  begin(): void {
    const { workflowType, taskQueue, args, memo, searchAttributes, runId, firstRunId, continuedFrom } =
      this.options;
    this.add({
      eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
      workflowExecutionStartedEventAttributes: {
        workflowType: { name: workflowType },
        taskQueue: { name: taskQueue },
        input: { payloads: args },
        memo: { fields: memo },
        searchAttributes: { indexedFields: searchAttributes },
        originalExecutionRunId: runId,
        firstExecutionRunId: firstRunId,
        attempt: 1,
        workflowTaskTimeout: msToTs(10_000),
        ...(continuedFrom === null ? {} : { continuedExecutionRunId: continuedFrom }),
      },
    });
    this.scheduleTask();
  }

  signal(name: string, args: Payload[]): void {
    if (this.end) return;
    this.add({
      eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
      workflowExecutionSignaledEventAttributes: { signalName: name, input: { payloads: args } },
    });
    this.deliver({ signalWorkflow: { signalName: name, input: args, identity: 'simulation', headers: {} } });
  }

  requestCancel(): void {
    if (this.end) return;
    this.add({
      eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED,
      workflowExecutionCancelRequestedEventAttributes: {},
    });
    this.deliver({ cancelWorkflow: { reason: '' } });
  }

  terminate(reason: string): void {
    if (this.end) return;
    this.add({
      eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
      workflowExecutionTerminatedEventAttributes: { reason },
    });
    this.close({ kind: 'terminated', reason });
  }

  update(id: string, name: string, args: Payload[], settled: Update['settled']): void {
    this.updates.set(id, { name, settled, acceptedEventId: null, args });
    this.jobs.push({
      doUpdate: {
        ...{ id, protocolInstanceId: id, name, input: args, headers: {}, runValidator: true },
        meta: { identity: 'simulation', updateId: id },
      },
    });
    if (this.isTaskScheduled) return;
    const before = this.history.length;
    this.scheduleTask();
    this.speculativeFrom = before;
  }

  /** Asks the workflow as it is, also after its end. */
  async query(name: string, args: Payload[]): Promise<Payload> {
    const queryId = 'query';
    const commands = await this.exclusive(async () => {
      const run = await this.sandbox();
      const job = { queryWorkflow: { queryId, queryType: name, arguments: args, headers: {} } };
      return commandsOf(await run.activate(this.activation([job], true)));
    });
    const answer = commands.find(({ respondToQuery }) => respondToQuery?.queryId === queryId)?.respondToQuery;
    if (answer?.failed) throw decodeFailure(answer.failed);
    const response = answer?.succeeded?.response;
    if (!response) throw new Error(`the query ${name} got no answer`);
    return response;
  }

  /** Called when the run ends, at once if it has. */
  whenEnded(listener: (end: RunEnd) => void): void {
    if (this.end) listener(this.end);
    else this.onEndOf.push(listener);
  }

  /**
   * The worker loses the workflow, and another one replays it. Throws if the workflow code gives other commands for what
   * is recorded: it is not deterministic.
   */
  async replay(): Promise<void> {
    await this.exclusive(async () => {
      await this.sandboxed?.dispose();
      this.sandboxed = null;
      const run = await this.sandbox();
      for (const [i, { activations, commands }] of this.recorded.entries()) {
        const again: WorkflowCommand[] = [];
        for (const activation of activations)
          again.push(...commandsOf(await run.activate({ ...activation, isReplaying: true })));
        if (textOf(again) !== textOf(commands))
          throw new Error(`replay of ${this.options.workflowId}: workflow task ${i + 1} gave other commands`);
      }
    });
  }

  async dispose(): Promise<void> {
    await this.exclusive(async () => {
      await this.sandboxed?.dispose();
      this.sandboxed = null;
    });
  }

  private add(event: Omit<HistoryEvent, 'eventId' | 'eventTime'>): number {
    return this.history.add(this.host.clock.nowMs, event);
  }

  /** Gives a job to the next workflow task. Its event is in the history, so the task stays. */
  private deliver(job: Job): void {
    this.jobs.push(job);
    this.speculativeFrom = null;
    this.scheduleTask();
  }

  private scheduleTask(): void {
    if (this.isTaskScheduled || this.isCarryingOut || this.end) return;
    this.isTaskScheduled = true;
    this.scheduledEventId = this.add({
      eventType: EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
      workflowTaskScheduledEventAttributes: {
        taskQueue: { name: this.options.taskQueue },
        startToCloseTimeout: msToTs(10_000),
        attempt: 1,
      },
    });
    this.host.clock.at(this.host.clock.nowMs, () => this.exclusive(() => this.runTask()));
  }

  private async runTask(): Promise<void> {
    this.isTaskScheduled = false;
    if (this.end) return;
    const { scheduledEventId } = this;
    const startedEventId = this.add({
      eventType: EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
      workflowTaskStartedEventAttributes: { scheduledEventId: longOf(scheduledEventId) },
    });
    const jobs = inOrder(this.jobs.splice(0));
    const task: RecordedTask = { activations: [], commands: [] };
    const run = await this.sandbox();
    // Core gives what it can answer itself to the workflow before it completes the task.
    for (let next = jobs; next.length > 0;) {
      const activation = this.activation(next, false);
      const completion = await run.activate(activation);
      const failure = completion.failed?.failure;
      if (failure) return this.failTask(failure, { scheduledEventId, startedEventId });
      for (const flag of completion.successful?.usedInternalFlags ?? []) this.flags.add(flag);
      task.activations.push(activation);
      task.commands.push(...commandsOf(completion));
      next = this.cancelUnsent(task.commands);
    }
    this.recorded.push({ activations: task.activations, commands: [...task.commands] });
    if (this.speculativeFrom !== null && task.commands.every(isRejection)) {
      this.history.truncate(this.speculativeFrom);
      this.speculativeFrom = null;
    } else {
      this.speculativeFrom = null;
      this.completedEventId = this.add({
        eventType: EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
        workflowTaskCompletedEventAttributes: {
          scheduledEventId: longOf(scheduledEventId),
          startedEventId: longOf(startedEventId),
          sdkMetadata: { langUsedFlags: [...this.flags] },
        },
      });
    }
    // The next task begins after all events of this one.
    this.isCarryingOut = true;
    for (const command of task.commands) this.carryOut(command, scheduledEventId);
    this.isCarryingOut = false;
    if (this.jobs.length > 0) this.scheduleTask();
  }

  /** On a server the workflow waits for a worker with fixed code. The simulation throws the failure at once. */
  private failTask(failure: FailureProto, ids: { scheduledEventId: number; startedEventId: number }): void {
    this.taskFailure = failure;
    this.add({
      eventType: EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
      workflowTaskFailedEventAttributes: {
        scheduledEventId: longOf(ids.scheduledEventId),
        startedEventId: longOf(ids.startedEventId),
        failure,
      },
    });
    throw decodeFailure(failure);
  }

  /** Takes out what was scheduled and cancelled in one task: the server never hears of it. Returns what follows. */
  private cancelUnsent(commands: WorkflowCommand[]): Job[] {
    const jobs: Job[] = [];
    const remove = (...unsent: WorkflowCommand[]) => {
      for (const command of unsent) commands.splice(commands.indexOf(command), 1);
    };
    for (const command of [...commands]) {
      const seq = command.requestCancelActivity?.seq ?? command.cancelTimer?.seq ?? null;
      const scheduled = commands.find(({ scheduleActivity, startTimer }) =>
        command.requestCancelActivity ? scheduleActivity?.seq === seq : startTimer && startTimer.seq === seq,
      );
      if (seq === null || !scheduled || commands.indexOf(scheduled) > commands.indexOf(command)) continue;
      remove(scheduled, command);
      if (command.requestCancelActivity)
        jobs.push(canceledActivity(seq, scheduled.scheduleActivity?.activityType ?? ''));
    }
    return jobs;
  }

  private carryOut(command: WorkflowCommand, scheduledEventId: number): void {
    const { userMetadata } = command;
    const meta = userMetadata ? { userMetadata } : {};
    const workflowTaskCompletedEventId = longOf(this.completedEventId);
    if (command.startTimer) {
      const { seq, startToFireTimeout } = command.startTimer;
      this.startTimer(seq ?? 0, startToFireTimeout, meta);
    } else if (command.cancelTimer) {
      this.cancelTimer(command.cancelTimer.seq ?? 0);
    } else if (command.scheduleActivity) {
      this.scheduleActivity(command.scheduleActivity, meta);
    } else if (command.requestCancelActivity) {
      this.cancelActivity(command.requestCancelActivity.seq ?? 0);
    } else if (command.updateResponse) {
      this.answerUpdate(command.updateResponse, scheduledEventId);
    } else if (command.upsertWorkflowSearchAttributes) {
      const { indexedFields } = command.upsertWorkflowSearchAttributes.searchAttributes ?? {};
      this.searchAttributes = { ...this.searchAttributes, ...(indexedFields as Fields | undefined) };
      this.add({
        eventType: EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
        upsertWorkflowSearchAttributesEventAttributes: {
          workflowTaskCompletedEventId,
          searchAttributes: { indexedFields: indexedFields ?? {} },
        },
      });
    } else if (command.modifyWorkflowProperties) {
      const { upsertedMemo } = command.modifyWorkflowProperties;
      this.memo = { ...this.memo, ...(upsertedMemo?.fields as Fields | undefined) };
      this.add({
        eventType: EventType.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED,
        workflowPropertiesModifiedEventAttributes: {
          workflowTaskCompletedEventId,
          upsertedMemo: upsertedMemo ?? {},
        },
      });
    } else if (command.startChildWorkflowExecution) {
      this.startChild(command.startChildWorkflowExecution);
    } else if (command.signalExternalWorkflowExecution) {
      this.signalExternal(command.signalExternalWorkflowExecution);
    } else if (command.completeWorkflowExecution) {
      const { result } = command.completeWorkflowExecution;
      this.add({
        eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
        workflowExecutionCompletedEventAttributes: {
          workflowTaskCompletedEventId,
          result: { payloads: result ? [result] : [] },
        },
      });
      this.close({ kind: 'completed', result: result ?? null });
    } else if (command.failWorkflowExecution) {
      const failure = command.failWorkflowExecution.failure ?? {};
      this.add({
        eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
        workflowExecutionFailedEventAttributes: { workflowTaskCompletedEventId, failure },
      });
      this.close({ kind: 'failed', failure });
    } else if (command.cancelWorkflowExecution) {
      this.add({
        eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
        workflowExecutionCanceledEventAttributes: { workflowTaskCompletedEventId },
      });
      this.close({ kind: 'canceled' });
    } else if (command.continueAsNewWorkflowExecution) {
      this.add({
        eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
        workflowExecutionContinuedAsNewEventAttributes: {
          workflowTaskCompletedEventId,
          workflowType: { name: this.options.workflowType },
          input: { payloads: command.continueAsNewWorkflowExecution.arguments ?? [] },
          initiator: ContinueAsNewInitiator.CONTINUE_AS_NEW_INITIATOR_WORKFLOW,
        },
      });
      this.close({ kind: 'continuedAsNew', command: command.continueAsNewWorkflowExecution });
    } else {
      throw new Error(`the simulation does not know the command ${Object.keys(command).join(', ')}`);
    }
  }

  private startTimer(
    seq: number,
    timeout: Parameters<typeof optionalTsToMs>[0],
    meta: Partial<HistoryEvent>,
  ): void {
    const startedEventId = this.add({
      eventType: EventType.EVENT_TYPE_TIMER_STARTED,
      timerStartedEventAttributes: {
        timerId: String(seq),
        startToFireTimeout: timeout ?? msToTs(0),
        workflowTaskCompletedEventId: longOf(this.completedEventId),
      },
      ...meta,
    });
    this.timerEvents.set(seq, startedEventId);
    const dueMs = this.host.clock.nowMs + (optionalTsToMs(timeout) ?? 0);
    const timer = this.host.clock.at(dueMs, () => {
      this.timers.delete(seq);
      if (this.end) return;
      this.add({
        eventType: EventType.EVENT_TYPE_TIMER_FIRED,
        timerFiredEventAttributes: { timerId: String(seq), startedEventId: longOf(startedEventId) },
      });
      this.deliver({ fireTimer: { seq } });
    });
    this.timers.set(seq, timer);
  }

  private cancelTimer(seq: number): void {
    const timer = this.timers.get(seq);
    // One that has fired meanwhile is in the jobs of the next task; the workflow does not wait for it.
    if (!timer) return;
    timer.cancel();
    this.timers.delete(seq);
    this.add({
      eventType: EventType.EVENT_TYPE_TIMER_CANCELED,
      timerCanceledEventAttributes: {
        timerId: String(seq),
        startedEventId: longOf(this.timerEvents.get(seq) ?? 0),
        workflowTaskCompletedEventId: longOf(this.completedEventId),
      },
    });
  }

  private scheduleActivity(
    command: coresdk.workflow_commands.IScheduleActivity,
    meta: Partial<HistoryEvent>,
  ): void {
    const { seq, activityId, activityType, taskQueue, retryPolicy } = command;
    const scheduledEventId = this.add({
      eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
      activityTaskScheduledEventAttributes: {
        activityId: activityId ?? null,
        activityType: { name: activityType ?? null },
        taskQueue: { name: taskQueue ?? null },
        input: { payloads: command.arguments ?? [] },
        scheduleToCloseTimeout: command.scheduleToCloseTimeout ?? null,
        startToCloseTimeout: command.startToCloseTimeout ?? null,
        heartbeatTimeout: command.heartbeatTimeout ?? null,
        retryPolicy: retryPolicy ?? null,
        workflowTaskCompletedEventId: longOf(this.completedEventId),
      },
      ...meta,
    });
    const { workflowId, runId, workflowType } = this.options;
    const execution = { workflowId, runId, workflowType };
    const activity = { scheduledEventId, activityType: activityType ?? '' };
    const task = new ActivityTask(this.host, command, execution, (end) => {
      this.activities.delete(seq ?? 0);
      if (!this.end) this.endActivity(seq ?? 0, activity, end);
    });
    this.activities.set(seq ?? 0, { task, ...activity });
  }

  private cancelActivity(seq: number): void {
    const activity = this.activities.get(seq);
    // One that has ended meanwhile is in the jobs of the next task.
    if (!activity) return;
    this.add({
      eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED,
      activityTaskCancelRequestedEventAttributes: {
        scheduledEventId: longOf(activity.scheduledEventId),
        workflowTaskCompletedEventId: longOf(this.completedEventId),
      },
    });
    activity.task.requestCancel();
  }

  private endActivity(
    seq: number,
    { scheduledEventId, activityType }: Omit<RunningActivity, 'task'>,
    end: ActivityEnd,
  ): void {
    const scheduled = { scheduledEventId: longOf(scheduledEventId) };
    const startedEventId =
      end.kind === 'canceled' && !end.started
        ? 0
        : this.add({
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
        this.add({
          eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
          activityTaskCompletedEventAttributes: { ...ids, result: { payloads: [end.result] } },
        });
        return this.deliver({ resolveActivity: { seq, result: { completed: { result: end.result } } } });
      case 'failed':
        this.add({
          eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED,
          activityTaskFailedEventAttributes: { ...ids, failure: end.failure, retryState: end.retryState },
        });
        break;
      case 'timedOut':
        this.add({
          eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT,
          activityTaskTimedOutEventAttributes: { ...ids, failure: end.failure, retryState: end.retryState },
        });
        break;
      case 'canceled':
        this.add({
          eventType: EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED,
          activityTaskCanceledEventAttributes: ids,
        });
        return this.deliver(canceledActivity(seq, activityType));
    }
    const failure = {
      message: end.kind === 'failed' ? 'Activity task failed' : 'Activity task timed out',
      activityFailureInfo: activityFailureInfo(end.retryState),
      cause: end.failure,
    };
    this.deliver({ resolveActivity: { seq, result: { failed: { failure } } } });
  }

  private answerUpdate(
    { protocolInstanceId, accepted, rejected, completed }: coresdk.workflow_commands.IUpdateResponse,
    scheduledEventId: number,
  ): void {
    const id = protocolInstanceId ?? '';
    const update = this.updates.get(id);
    if (!update) throw new Error(`the workflow answers an update ${id} that is not there`);
    if (accepted) {
      update.acceptedEventId = this.add({
        eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
        workflowExecutionUpdateAcceptedEventAttributes: {
          protocolInstanceId: id,
          acceptedRequestMessageId: `${id}/request`,
          acceptedRequestSequencingEventId: longOf(scheduledEventId),
          acceptedRequest: {
            meta: { updateId: id, identity: 'simulation' },
            input: { name: update.name, args: { payloads: update.args } },
          },
        },
      });
      return;
    }
    this.updates.delete(id);
    const { acceptedEventId } = update;
    if (acceptedEventId !== null) {
      this.add({
        eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED,
        workflowExecutionUpdateCompletedEventAttributes: {
          meta: { updateId: id, identity: 'simulation' },
          acceptedEventId: longOf(acceptedEventId),
          outcome: completed ? { success: { payloads: [completed] } } : { failure: rejected ?? {} },
        },
      });
    }
    if (completed) update.settled({ result: completed });
    else update.settled({ failure: rejected ?? {}, wasAccepted: acceptedEventId !== null });
  }

  private startChild(command: coresdk.workflow_commands.IStartChildWorkflowExecution): void {
    const { seq, workflowId, workflowType, taskQueue, input } = command;
    const number = seq ?? 0;
    const type = { name: workflowType ?? '' };
    const initiatedEventId = this.add({
      eventType: EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED,
      startChildWorkflowExecutionInitiatedEventAttributes: {
        workflowId: workflowId ?? '',
        workflowType: type,
        taskQueue: { name: taskQueue || this.options.taskQueue },
        input: { payloads: input ?? [] },
        workflowTaskCompletedEventId: longOf(this.completedEventId),
      },
    });
    this.children.set(number, { run: null, initiatedEventId });
    this.host.clock.at(this.host.clock.nowMs, () => {
      if (this.end) return;
      const child = this.host.startChild(this, command);
      if (!child) {
        const cause =
          proto.temporal.api.enums.v1.StartChildWorkflowExecutionFailedCause
            .START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS;
        this.add({
          eventType: EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_FAILED,
          startChildWorkflowExecutionFailedEventAttributes: {
            ...{ workflowId: workflowId ?? '', workflowType: type, cause },
            initiatedEventId: longOf(initiatedEventId),
          },
        });
        this.deliver({
          resolveChildWorkflowExecutionStart: {
            seq: number,
            failed: { workflowId: workflowId ?? '', workflowType: workflowType ?? '', cause: 1 },
          },
        });
        return;
      }
      this.children.set(number, { run: child, initiatedEventId });
      const execution = { workflowId: workflowId ?? '', runId: child.options.runId };
      const startedEventId = this.add({
        eventType: EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED,
        childWorkflowExecutionStartedEventAttributes: {
          initiatedEventId: longOf(initiatedEventId),
          workflowExecution: execution,
          workflowType: type,
        },
      });
      this.deliver({
        resolveChildWorkflowExecutionStart: { seq: number, succeeded: { runId: child.options.runId } },
      });
      this.followChild(number, child, { initiatedEventId, startedEventId });
    });
  }

  private followChild(
    seq: number,
    child: WorkflowRun,
    ids: { initiatedEventId: number; startedEventId: number },
  ): void {
    child.whenEnded((end) => {
      if (this.end || end.kind === 'continuedAsNew') return;
      const { workflowId, runId, workflowType } = child.options;
      const about = {
        initiatedEventId: longOf(ids.initiatedEventId),
        startedEventId: longOf(ids.startedEventId),
        workflowExecution: { workflowId, runId },
        workflowType: { name: workflowType },
      };
      const failed = (failure: FailureProto) =>
        this.deliver({
          resolveChildWorkflowExecution: {
            seq,
            result: {
              failed: {
                failure: {
                  message: 'Child Workflow execution failed',
                  childWorkflowExecutionFailureInfo: { ...about, namespace: 'default' },
                  cause: failure,
                },
              },
            },
          },
        });
      switch (end.kind) {
        case 'completed': {
          const { result } = end;
          this.add({
            eventType: EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED,
            childWorkflowExecutionCompletedEventAttributes: {
              ...about,
              result: { payloads: result ? [result] : [] },
            },
          });
          return this.deliver({
            resolveChildWorkflowExecution: { seq, result: { completed: result ? { result } : {} } },
          });
        }
        case 'failed':
          this.add({
            eventType: EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_FAILED,
            childWorkflowExecutionFailedEventAttributes: { ...about, failure: end.failure },
          });
          return failed(end.failure);
        case 'canceled':
          this.add({
            eventType: EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_CANCELED,
            childWorkflowExecutionCanceledEventAttributes: about,
          });
          return failed({ message: 'Workflow execution canceled', canceledFailureInfo: {} });
        case 'terminated':
          this.add({
            eventType: EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TERMINATED,
            childWorkflowExecutionTerminatedEventAttributes: about,
          });
          return failed({ message: 'Workflow execution terminated', terminatedFailureInfo: {} });
      }
    });
  }

  private signalExternal(command: coresdk.workflow_commands.ISignalExternalWorkflowExecution): void {
    const { seq, workflowExecution, childWorkflowId, signalName, args } = command;
    const workflowId = childWorkflowId || workflowExecution?.workflowId || '';
    const name = signalName ?? '';
    const target = { workflowId, runId: workflowExecution?.runId ?? '' };
    const initiatedEventId = this.add({
      eventType: EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
      signalExternalWorkflowExecutionInitiatedEventAttributes: {
        workflowExecution: target,
        signalName: name,
        input: { payloads: args ?? [] },
        childWorkflowOnly: Boolean(childWorkflowId),
        workflowTaskCompletedEventId: longOf(this.completedEventId),
      },
    });
    this.host.clock.at(this.host.clock.nowMs, () => {
      if (this.end) return;
      const ids = { initiatedEventId: longOf(initiatedEventId), workflowExecution: target };
      if (this.host.signal(workflowId, name, args ?? [])) {
        this.add({
          eventType: EventType.EVENT_TYPE_EXTERNAL_WORKFLOW_EXECUTION_SIGNALED,
          externalWorkflowExecutionSignaledEventAttributes: ids,
        });
        this.deliver({ resolveSignalExternalWorkflow: { seq: seq ?? 0 } });
      } else {
        const cause =
          proto.temporal.api.enums.v1.SignalExternalWorkflowExecutionFailedCause
            .SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND;
        this.add({
          eventType: EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED,
          signalExternalWorkflowExecutionFailedEventAttributes: { ...ids, cause },
        });
        const failure = {
          message: 'Unable to signal external workflow because it was not found',
          applicationFailureInfo: { type: 'ExternalWorkflowExecutionNotFound' },
        };
        this.deliver({ resolveSignalExternalWorkflow: { seq: seq ?? 0, failure } });
      }
    });
  }

  private close(end: RunEnd): void {
    this.end = end;
    for (const timer of this.timers.values()) timer.cancel();
    for (const { task } of this.activities.values()) task.abandon();
    this.activities.clear();
    for (const { settled } of this.updates.values())
      settled({ failure: { message: 'workflow execution already completed' }, wasAccepted: false });
    this.updates.clear();
    this.host.onEnd(this, end);
    for (const listener of this.onEndOf.splice(0)) listener(end);
  }

  private activation(jobs: Job[], isReplaying: boolean): SandboxActivation {
    const { length, bytes } = this.history;
    return {
      runId: this.options.runId,
      timestamp: msToTs(this.host.clock.nowMs),
      isReplaying,
      historyLength: length,
      historySizeBytes: longOf(bytes),
      continueAsNewSuggested: length >= maxEventsBeforeSuggestion || bytes >= maxBytesBeforeSuggestion,
      availableInternalFlags: [...this.flags],
      jobs,
    };
  }

  private initializeJob(): Job {
    const {
      workflowId,
      workflowType,
      args,
      memo,
      searchAttributes,
      firstRunId,
      startMs,
      parent,
      continuedFrom,
    } = this.options;
    return {
      initializeWorkflow: {
        ...{ workflowId, workflowType, arguments: args, attempt: 1, identity: 'simulation', headers: {} },
        firstExecutionRunId: firstRunId,
        startTime: msToTs(startMs),
        workflowTaskTimeout: msToTs(10_000),
        memo: { fields: memo },
        searchAttributes: { indexedFields: searchAttributes },
        ...(continuedFrom === null ? {} : { continuedFromExecutionRunId: continuedFrom }),
        ...(parent === null ? {} : { parentWorkflowInfo: { namespace: 'default', ...parent } }),
      },
    };
  }

  private async sandbox(): Promise<SandboxedRun> {
    this.sandboxed ??= await this.host.sandbox.start(this.info(), this.options.seed, this.options.startMs);
    return this.sandboxed;
  }

  private info(): WorkflowInfo {
    const { workflowId, runId, workflowType, taskQueue, firstRunId, startMs, parent, continuedFrom } =
      this.options;
    return {
      ...{ workflowId, runId, workflowType, taskQueue, namespace: 'default', attempt: 1 },
      searchAttributes: {},
      typedSearchAttributes: new TypedSearchAttributes(),
      firstExecutionRunId: firstRunId,
      originalExecutionRunId: runId,
      ...(continuedFrom === null ? {} : { continuedFromExecutionRunId: continuedFrom }),
      ...(parent === null ? {} : { parent: { ...parent, namespace: 'default' } }),
      startTime: new Date(startMs),
      runStartTime: new Date(this.host.clock.nowMs),
      taskTimeoutMs: 10_000,
      historyLength: this.history.length,
      historySize: this.history.bytes,
      continueAsNewSuggested: false,
      targetWorkerDeploymentVersionChanged: false,
      // The SDK sets these itself.
      unsafe: { now: () => 0, isReplaying: false, isReplayingHistoryEvents: false } as WorkflowInfo['unsafe'],
    };
  }

  private exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.lane.then(work);
    this.lane = result.catch(() => undefined);
    return result;
  }
}

/** Core's order within a task: initialization, then signals and updates, then everything else as it happened. */
function inOrder(jobs: Job[]): Job[] {
  const rank = ({ initializeWorkflow, signalWorkflow, doUpdate }: Job) =>
    initializeWorkflow ? 0 : signalWorkflow || doUpdate ? 1 : 2;
  return [...jobs].sort((a, b) => rank(a) - rank(b));
}

function isRejection({ updateResponse }: WorkflowCommand): boolean {
  return Boolean(updateResponse?.rejected);
}

function canceledActivity(seq: number, activityType: string): Job {
  const message = 'Activity task canceled';
  const failure = {
    message,
    activityFailureInfo: { activityId: String(seq), activityType: { name: activityType } },
    cause: { message, canceledFailureInfo: {} },
  };
  return { resolveActivity: { seq, result: { cancelled: { failure } } } };
}

function commandsOf({
  failed,
  successful,
}: Awaited<ReturnType<SandboxedRun['activate']>>): WorkflowCommand[] {
  if (failed?.failure) throw decodeFailure(failed.failure);
  return [...(successful?.commands ?? [])];
}

function textOf(commands: WorkflowCommand[]): string {
  return JSON.stringify(commands);
}
