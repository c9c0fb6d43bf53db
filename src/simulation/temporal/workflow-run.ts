/**
 * One run of a workflow: its workflow tasks, and what its commands do. The server's part of Temporal's protocol; the
 * workflow's part is the SDK's own sandbox. Sources: temporal/api history and command messages (@temporalio/proto), and
 * https://docs.temporal.io/references/events for which event follows which.
 */
import type { Payload } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';
import type { ActivityProgress, ChoosePoll } from './activity-task.js';
import { CachedWorkflow, commandsOf, type RecordedTask } from './cached-workflow.js';
import { EventType, EventLog, longOf, taskQueueOf, type NewEvent } from './history.js';
import { decodeFailure, type FailureProto } from './payloads.js';
import { canceledActivity, RunActivities } from './run-activities.js';
import { RunChildren } from './run-children.js';
import type {
  ChildRun,
  EndListener,
  ExecutionIds,
  PayloadFields,
  RunCore,
  RunEnd,
  RunHost,
  RunOptions,
} from './run-core.js';
import { endOf } from './run-ends.js';
import { initializeJobOf, startedEventOf } from './run-start.js';
import { RunTimers } from './run-timers.js';
import { RunUpdates, type UpdateOutcome } from './run-updates.js';
import type { Job, SandboxActivation, WorkflowCommand } from './sdk.js';

const maxEventsBeforeSuggestion = 4_096;
const maxBytesBeforeSuggestion = 4 * 2 ** 20;
/**
 * A task that only rejects updates is not recorded, unless it brought more events to the worker. Source: Temporal server,
 * `history.discardSpeculativeWorkflowTaskMaximumEventsCount`.
 */
const maxEventsOfUnrecordedTask = 10;

export class WorkflowRun implements RunCore, ChildRun {
  readonly history = new EventLog();
  end: RunEnd | null = null;
  memo: PayloadFields;
  searchAttributes: PayloadFields;
  /** The failure of the last workflow task, if that failed: a bug in workflow code. */
  taskFailure: FailureProto | null = null;
  private readonly cached: CachedWorkflow;
  private jobs: Job[];
  private isTaskScheduled = false;
  private isCancelRequested = false;
  /** The first workflow task waits after a continue-as-new. */
  private isBackingOff = false;
  /** An event is there that the workflow must get. */
  private isTaskNeeded = false;
  private isCarryingOut = false;
  private readonly afterTask: (() => void)[] = [];
  /** Length of the history before a task that only updates asked for; null if the task stays whatever they come to. */
  private speculativeFrom: number | null = null;
  private readonly timers = new RunTimers(this);
  private readonly activities = new RunActivities(this);
  private readonly updates = new RunUpdates(this);
  private readonly children = new RunChildren(this);
  private readonly onEndOf: EndListener[] = [];
  /** The run that continues this one. */
  private next: ChildRun | null = null;
  private scheduledEventId = 0;
  /** Start of the last task that is in the history. */
  private lastStartedEventId = 0;
  completedEventId = 0;

  constructor(
    readonly host: RunHost,
    readonly options: RunOptions,
  ) {
    this.memo = options.memo;
    this.searchAttributes = options.searchAttributes;
    this.jobs = [initializeJobOf(options)];
    this.cached = new CachedWorkflow(host, options);
  }

  get pendingActivities(): ActivityProgress[] {
    return this.activities.pending;
  }

  /** Puts attempts before their time. */
  pollEarlier(choose: ChoosePoll): void {
    this.activities.pollEarlier(choose);
  }

  begin(): void {
    const { backoffMs } = this.options;
    this.add(startedEventOf(this.options));
    if (backoffMs === 0) return this.scheduleTask();
    this.isBackingOff = true;
    this.host.clock.at(this.host.clock.nowMs + backoffMs, () => {
      if (!this.isBackingOff) return;
      this.isBackingOff = false;
      this.scheduleTask();
    });
  }

  /** `from`: the workflow that signals; null for a client. */
  signal(name: string, args: Payload[], from: ExecutionIds | null = null): void {
    if (this.end) return;
    this.add({
      eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
      workflowExecutionSignaledEventAttributes: {
        ...{ signalName: name, input: { payloads: args }, externalWorkflowExecution: from },
      },
    });
    this.deliver({ signalWorkflow: { signalName: name, input: args, identity: 'simulation', headers: {} } });
  }

  /** A second request changes nothing. */
  requestCancel(): void {
    if (this.end || this.isCancelRequested) return;
    this.isCancelRequested = true;
    // Signals wait for the end of the backoff, cancellations and updates do not.
    this.isBackingOff = false;
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

  /** Whether an update of that id is in progress, or was accepted. */
  hasUpdate(id: string): boolean {
    return this.updates.has(id);
  }

  /** An update of an id that the run has is the same request. */
  update(id: string, name: string, args: Payload[], settled: (outcome: UpdateOutcome) => void): void {
    if (this.updates.has(id)) return this.updates.join(id, settled);
    this.updates.add(id, { name, args, settled });
    this.jobs.push({
      doUpdate: {
        ...{ id, protocolInstanceId: id, name, input: args, headers: {}, runValidator: true },
        meta: { identity: 'simulation', updateId: id },
      },
    });
    const isFirst = this.lastStartedEventId === 0;
    this.isBackingOff = false;
    if (this.isTaskScheduled) return;
    const before = this.history.length;
    this.scheduleTask();
    if (!isFirst) this.speculativeFrom = before;
  }

  /** Asks the workflow as it is, also after its end. */
  async query(name: string, args: Payload[]): Promise<Payload> {
    const queryId = 'query';
    if (!this.host.worker.isUp) throw new Error(`no worker answers the query ${name}`);
    const commands = await this.cached.exclusive(async () => {
      const run = await this.cached.workflow();
      const job = { queryWorkflow: { queryId, queryType: name, arguments: args, headers: {} } };
      return commandsOf(await run.activate(this.activation([job], true)));
    });
    const answer = commands.find(({ respondToQuery }) => respondToQuery?.queryId === queryId)?.respondToQuery;
    if (answer?.failed) throw decodeFailure(answer.failed);
    const response = answer?.succeeded?.response;
    if (!response) throw new Error(`the query ${name} got no answer`);
    return response;
  }

  /** Before its first workflow task, no workflow answers a query. */
  get hasBegun(): boolean {
    return this.completedEventId > 0 || this.end !== null;
  }

  whenEnded(listener: EndListener): void {
    if (this.next) this.next.whenEnded(listener);
    else if (this.end) listener(this.end, this);
    else this.onEndOf.push(listener);
  }

  /**
   * The worker loses the workflow, and another one replays it. Throws if the workflow code gives other commands for what
   * is recorded: it is not deterministic.
   */
  async replay(): Promise<void> {
    await this.cached.exclusive(async () => {
      await this.cached.evict();
      await this.cached.workflow();
    });
  }

  async dispose(): Promise<void> {
    await this.cached.exclusive(() => this.cached.evict());
  }

  add(event: NewEvent): number {
    return this.history.add(this.host.clock.nowMs, event);
  }

  /** Gives a job to the next workflow task. Its event is in the history, so the task stays. */
  deliver(job: Job | null): void {
    if (job) this.jobs.push(job);
    this.isTaskNeeded = true;
    this.speculativeFrom = null;
    this.scheduleTask();
  }

  afterCommands(work: () => void): void {
    if (this.isCarryingOut) this.afterTask.push(work);
    else work();
  }

  private scheduleTask(): void {
    if (this.isTaskScheduled || this.isCarryingOut || this.isBackingOff || this.end) return;
    this.isTaskScheduled = true;
    this.scheduledEventId = this.add({
      eventType: EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
      workflowTaskScheduledEventAttributes: {
        taskQueue: taskQueueOf(this.options.taskQueue),
        startToCloseTimeout: msToTs(10_000),
        attempt: 1,
      },
    });
    const { clock, worker } = this.host;
    worker.take(() => clock.at(clock.nowMs, () => this.cached.exclusive(() => this.takeTask())));
  }

  private async takeTask(): Promise<void> {
    const { worker } = this.host;
    if (worker.isUp) return this.runTask();
    worker.take(() => void this.cached.exclusive(() => this.takeTask()));
  }

  private async runTask(): Promise<void> {
    this.isTaskScheduled = false;
    if (this.end) return;
    const { scheduledEventId } = this;
    const startedEventId = this.add({
      eventType: EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
      workflowTaskStartedEventAttributes: { scheduledEventId: longOf(scheduledEventId) },
    });
    this.isTaskNeeded = false;
    const jobs = inOrder(this.jobs.splice(0));
    const task: RecordedTask = { activations: [], commands: [] };
    const commands: WorkflowCommand[] = [];
    const run = await this.cached.workflow();
    // Core gives what it can answer itself to the workflow before it completes the task.
    for (let next = jobs; next.length > 0;) {
      const activation = this.activation(next, false);
      const completion = await run.activate(activation);
      const failure = completion.failed?.failure;
      if (failure) return this.failTask(failure, { scheduledEventId, startedEventId });
      for (const flag of completion.successful?.usedInternalFlags ?? []) this.cached.flags.add(flag);
      task.activations.push(activation);
      task.commands.push(...commandsOf(completion));
      commands.push(...commandsOf(completion));
      next = this.answerCancellations(commands);
    }
    this.cached.record(task);
    const isUnrecorded = this.speculativeFrom !== null && commands.every(isRejection);
    if (isUnrecorded && this.newEventsBefore(this.speculativeFrom ?? 0) <= maxEventsOfUnrecordedTask) {
      this.history.truncate(this.speculativeFrom ?? 0);
      this.speculativeFrom = null;
    } else {
      this.speculativeFrom = null;
      this.lastStartedEventId = startedEventId;
      this.completedEventId = this.add({
        eventType: EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
        workflowTaskCompletedEventAttributes: {
          scheduledEventId: longOf(scheduledEventId),
          startedEventId: longOf(startedEventId),
          sdkMetadata: { langUsedFlags: [...this.cached.flags] },
        },
      });
    }
    // The next task begins after all events of this one.
    this.isCarryingOut = true;
    // A worker gets updates after all events before the start of the task.
    for (const command of commands) this.carryOut(command, startedEventId - 1);
    for (const work of this.afterTask.splice(0)) work();
    this.isCarryingOut = false;
    if (this.isTaskNeeded || this.jobs.length > 0) this.scheduleTask();
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

  /** Events that the worker has got with a task and not answered before. */
  private newEventsBefore(length: number): number {
    return length + 1 - (this.lastStartedEventId + 2);
  }

  /**
   * The jobs that core gives to the workflow itself: cancellations that the workflow does not wait for. Takes out the
   * commands that the server never gets, for what was scheduled and cancelled in one task.
   */
  private answerCancellations(commands: WorkflowCommand[]): Job[] {
    const jobs: Job[] = [];
    const remove = (...unsent: WorkflowCommand[]) => {
      for (const command of unsent) commands.splice(commands.indexOf(command), 1);
    };
    for (const command of [...commands]) {
      const seq = command.requestCancelActivity?.seq ?? command.cancelTimer?.seq ?? null;
      const scheduled = commands.find(({ scheduleActivity, startTimer }) =>
        command.requestCancelActivity ? scheduleActivity?.seq === seq : startTimer && startTimer.seq === seq,
      );
      if (seq === null) continue;
      if (scheduled && commands.indexOf(scheduled) < commands.indexOf(command)) {
        remove(scheduled, command);
        const activityType = scheduled.scheduleActivity?.activityType ?? '';
        if (command.requestCancelActivity) jobs.push(canceledActivity(seq, { activityType }));
      } else if (command.requestCancelActivity) {
        const resolved = this.activities.resolveUnawaited(seq);
        if (resolved) jobs.push(resolved.job);
        if (resolved?.isAbandoned) remove(command);
      }
    }
    return jobs;
  }

  /** `sequencingEventId`: the event after which the task's updates came. */
  private carryOut(command: WorkflowCommand, sequencingEventId: number): void {
    const { userMetadata } = command;
    const meta = userMetadata ? { userMetadata } : {};
    const workflowTaskCompletedEventId = longOf(this.completedEventId);
    if (command.startTimer) {
      const { seq, startToFireTimeout } = command.startTimer;
      this.timers.start(seq ?? 0, startToFireTimeout, meta);
    } else if (command.cancelTimer) {
      this.timers.cancel(command.cancelTimer.seq ?? 0);
    } else if (command.scheduleActivity) {
      this.activities.schedule(command.scheduleActivity, meta);
    } else if (command.requestCancelActivity) {
      this.activities.cancel(command.requestCancelActivity.seq ?? 0);
    } else if (command.updateResponse) {
      this.updates.answer(command.updateResponse, sequencingEventId);
    } else if (command.upsertWorkflowSearchAttributes) {
      const { indexedFields } = command.upsertWorkflowSearchAttributes.searchAttributes ?? {};
      this.searchAttributes = { ...this.searchAttributes, ...(indexedFields as PayloadFields | undefined) };
      this.add({
        eventType: EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
        upsertWorkflowSearchAttributesEventAttributes: {
          workflowTaskCompletedEventId,
          searchAttributes: { indexedFields: indexedFields ?? {} },
        },
      });
    } else if (command.modifyWorkflowProperties) {
      const { upsertedMemo } = command.modifyWorkflowProperties;
      this.memo = { ...this.memo, ...(upsertedMemo?.fields as PayloadFields | undefined) };
      this.add({
        eventType: EventType.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED,
        workflowPropertiesModifiedEventAttributes: {
          workflowTaskCompletedEventId,
          upsertedMemo: upsertedMemo ?? {},
        },
      });
    } else if (command.startChildWorkflowExecution) {
      this.children.start(command.startChildWorkflowExecution, meta);
    } else if (command.signalExternalWorkflowExecution) {
      this.children.signal(command.signalExternalWorkflowExecution);
    } else {
      const ending = endOf(command, this);
      if (!ending)
        throw new Error(`the simulation does not know the command ${Object.keys(command).join(', ')}`);
      this.add(ending.event);
      this.close(ending.end);
    }
  }

  private close(end: RunEnd): void {
    this.end = end;
    this.timers.close();
    this.activities.close();
    this.updates.close();
    this.next = this.host.onEnd(this, end);
    for (const listener of this.onEndOf.splice(0)) this.whenEnded(listener);
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
      availableInternalFlags: [...this.cached.flags],
      jobs,
    };
  }
}

/**
 * Core's order within a task: initialization, signals, updates, then everything else as it happened. Updates come after
 * signals that were sent later, because the server asks for them at the start of the task.
 */
function inOrder(jobs: Job[]): Job[] {
  const rank = ({ initializeWorkflow, signalWorkflow, doUpdate }: Job) =>
    initializeWorkflow ? 0 : signalWorkflow ? 1 : doUpdate ? 2 : 3;
  return [...jobs].sort((a, b) => rank(a) - rank(b));
}

function isRejection({ updateResponse }: WorkflowCommand): boolean {
  return Boolean(updateResponse?.rejected);
}
