/** The parts of a run that its timers, activities, updates and child workflows share. */
import type { Payload } from '@temporalio/common';
import type { coresdk } from '@temporalio/proto';
import type { ActivityHost } from './activity-task.js';
import type { HistoryEvent, NewEvent } from './history.js';
import type { FailureProto } from './payloads.js';
import type { Job, WorkflowSandbox } from './sdk.js';

export type PayloadFields = Record<string, Payload>;

export interface RunOptions {
  workflowId: string;
  workflowType: string;
  runId: string;
  taskQueue: string;
  args: Payload[];
  memo: PayloadFields;
  searchAttributes: PayloadFields;
  /** Run id of the first run of the chain. */
  firstRunId: string;
  startMs: number;
  continuedFrom: string | null;
  parent: ExecutionIds | null;
  /** The workflow at the top of the parents; null without a parent. */
  root: ExecutionIds | null;
  /** Milliseconds from the start until the first workflow task. */
  backoffMs: number;
  /** Summary and details for the Web UI. */
  userMetadata: HistoryEvent['userMetadata'] | null;
  /** 8 bytes. */
  seed: number[];
}

export interface ExecutionIds {
  workflowId: string;
  runId: string;
}

export type RunEnd =
  | { kind: 'completed'; result: Payload | null }
  | { kind: 'failed'; failure: FailureProto }
  | { kind: 'canceled' }
  | { kind: 'terminated'; reason: string }
  | { kind: 'continuedAsNew'; next: ContinuedRun };

/** The run that continues another one. */
export type ContinuedRun = Pick<
  RunOptions,
  'runId' | 'workflowType' | 'taskQueue' | 'args' | 'memo' | 'searchAttributes' | 'backoffMs'
>;

export type EndListener = (end: RunEnd, run: ChildRun) => void;

/** A run as its parent has it. */
export interface ChildRun {
  readonly options: RunOptions;
  readonly memo: PayloadFields;
  readonly searchAttributes: PayloadFields;
  /** Called with the last run when that ends, at once if it has: a run that continues as new is not the end. */
  whenEnded(listener: EndListener): void;
}

/** Calls of a run to its surroundings. */
export interface RunHost extends ActivityHost {
  sandbox: WorkflowSandbox;
  /** Null: an execution of that id is running. */
  startChild(
    parent: ChildRun,
    command: coresdk.workflow_commands.IStartChildWorkflowExecution,
    meta: Partial<HistoryEvent>,
  ): ChildRun | null;
  /** False: no such execution is running. `from`: the workflow that signals. */
  signal(workflowId: string, name: string, args: Payload[], from: ExecutionIds): boolean;
  newRunId(): string;
  /** Returns the run that continues the ended one, if any. */
  onEnd(run: ChildRun, end: RunEnd): ChildRun | null;
}

export interface RunCore extends ChildRun {
  readonly host: RunHost;
  readonly end: RunEnd | null;
  /** Id of the event of the last completed workflow task. */
  readonly completedEventId: number;
  /** Adds an event of now, and returns its id. */
  add(event: NewEvent): number;
  /** Gives a job to the next workflow task. Its event is in the history. Null: a task without a job of this event. */
  deliver(job: Job | null): void;
  /** Runs the work at once, or after the commands of the current workflow task: events that no command is come last. */
  afterCommands(work: () => void): void;
}
