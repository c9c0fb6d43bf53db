/** Temporal in this process: workflows by id, and clients' calls to them, on a simulated clock. */
import { WorkflowFailedError, WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { CancelledFailure, RetryState, TerminatedFailure, type Payload } from '@temporalio/common';
import type { QueryDefinition, SignalDefinition } from '@temporalio/common';
import type { coresdk, temporal } from '@temporalio/proto';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { SimulatedClock } from '../clock.js';
import type { Activities, ActivityProgress } from './activity-task.js';
import { Attempts } from './attempts.js';
import { decode, encodeAll, encodeFields, decodeFailure } from './payloads.js';
import type { WorkflowSandbox } from './sdk.js';
import type { ChildRun, RunEnd, RunHost } from './run-core.js';
import { WorkflowRun } from './workflow-run.js';

export interface SimulationOptions {
  /** May be shared by many simulations. */
  sandbox: WorkflowSandbox;
  activities: object;
  interceptors?: ActivityInterceptorsFactory[];
  /** Milliseconds since the epoch. */
  startMs?: number;
  /** The same seed gives the same run. */
  seed?: number;
}

export interface StartOptions {
  workflowId: string;
  taskQueue?: string;
  args: unknown[];
  memo?: Record<string, unknown>;
}

/** 2026-01-01. */
const defaultStartMs = Date.UTC(2026, 0, 1);
const workflowFunctions = new Set(['rollout', 'waves']);

export class SimulatedTemporal {
  readonly clock: SimulatedClock;
  readonly attempts: Attempts;
  private readonly runs = new Map<string, WorkflowRun[]>();
  private readonly host: RunHost;
  private state: number;
  private count = 0;
  private driving: Promise<unknown> = Promise.resolve();

  constructor({
    sandbox,
    activities,
    interceptors = [],
    startMs = defaultStartMs,
    seed = 1,
  }: SimulationOptions) {
    this.clock = new SimulatedClock(startMs);
    this.attempts = new Attempts(this.clock);
    this.state = seed >>> 0;
    this.host = {
      clock: this.clock,
      attempts: this.attempts,
      activities: activities as Activities,
      interceptors,
      sandbox,
      startChild: (parent, command) => this.startChild(parent, command),
      signal: (workflowId, name, args) => {
        const run = this.running(workflowId);
        run?.signal(name, args);
        return run !== null;
      },
      onEnd: (run, end) => this.continue(run, end),
    };
  }

  /** Starts a workflow; it does nothing before simulated work runs. Throws if one of the same id is running. */
  start(
    workflowType: string,
    { workflowId, taskQueue = 'penstock', args, memo = {} }: StartOptions,
  ): SimulatedHandle {
    if (!workflowFunctions.has(workflowType)) throw new Error(`no workflow ${workflowType}`);
    if (this.running(workflowId)) throw new Error(`${workflowId} is running already`);
    this.begin({
      ...{ workflowId, workflowType, taskQueue, args: encodeAll(args), memo: encodeFields(memo) },
      searchAttributes: {},
      parent: null,
      previous: null,
    });
    return new SimulatedHandle(this, workflowId);
  }

  handle(workflowId: string): SimulatedHandle {
    return new SimulatedHandle(this, workflowId);
  }

  /** All runs of a workflow id, the oldest first. */
  runsOf(workflowId: string): readonly WorkflowRun[] {
    return this.runs.get(workflowId) ?? [];
  }

  latest(workflowId: string): WorkflowRun {
    const run = this.runs.get(workflowId)?.at(-1);
    if (!run) throw new Error(`no workflow ${workflowId}`);
    return run;
  }

  /** Runs everything that is due, and lets no time pass. */
  settle(): Promise<void> {
    return this.drive(async () => {
      while (await this.step(this.clock.nowMs));
    });
  }

  /** Lets time pass, and runs what becomes due in it. */
  skip(ms: number): Promise<void> {
    const endMs = this.clock.nowMs + ms;
    return this.drive(async () => {
      while (await this.step(endMs));
      this.clock.advanceTo(endMs);
    });
  }

  /** Lets time pass until the condition holds. Throws if nothing more would happen before. */
  runUntil(condition: () => boolean, what: string): Promise<void> {
    return this.drive(async () => {
      while (!condition())
        if (!(await this.step(Infinity))) throw new Error(`nothing more happens before ${what}`);
    });
  }

  async close(): Promise<void> {
    for (const runs of this.runs.values()) for (const run of runs) await run.dispose();
  }

  private async step(untilMs: number): Promise<boolean> {
    await this.attempts.idle();
    return this.clock.runNext(untilMs);
  }

  /** One caller drives at a time; another one's turn comes between two pieces of work. */
  private drive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.driving.then(work);
    this.driving = result.catch(() => undefined);
    return result;
  }

  private running(workflowId: string): WorkflowRun | null {
    const run = this.runs.get(workflowId)?.at(-1);
    return run && !run.end ? run : null;
  }

  private begin(options: {
    workflowId: string;
    workflowType: string;
    taskQueue: string;
    args: Payload[];
    memo: Record<string, Payload>;
    searchAttributes: Record<string, Payload>;
    parent: { workflowId: string; runId: string } | null;
    previous: ChildRun | null;
  }): WorkflowRun {
    const { previous, ...rest } = options;
    const runId = this.nextRunId();
    const run = new WorkflowRun(this.host, {
      ...rest,
      runId,
      firstRunId: previous?.options.firstRunId ?? runId,
      startMs: previous?.options.startMs ?? this.clock.nowMs,
      continuedFrom: previous?.options.runId ?? null,
      seed: Array.from({ length: 8 }, () => this.nextByte()),
    });
    const runs = this.runs.get(options.workflowId) ?? [];
    this.runs.set(options.workflowId, [...runs, run]);
    run.begin();
    return run;
  }

  private startChild(
    parent: ChildRun,
    command: coresdk.workflow_commands.IStartChildWorkflowExecution,
  ): WorkflowRun | null {
    const workflowId = command.workflowId ?? '';
    if (this.running(workflowId)) return null;
    const { runId, taskQueue, workflowId: parentId } = parent.options;
    return this.begin({
      workflowId,
      workflowType: command.workflowType ?? '',
      taskQueue: command.taskQueue || taskQueue,
      args: command.input ?? [],
      memo: command.memo ?? {},
      searchAttributes: command.searchAttributes?.indexedFields ?? {},
      parent: { workflowId: parentId, runId },
      previous: null,
    });
  }

  private continue(run: ChildRun, end: RunEnd): void {
    if (end.kind !== 'continuedAsNew') return;
    const { command } = end;
    const memo = command.memo as Record<string, Payload> | null | undefined;
    this.begin({
      workflowId: run.options.workflowId,
      workflowType: command.workflowType || run.options.workflowType,
      taskQueue: command.taskQueue || run.options.taskQueue,
      args: command.arguments ?? [],
      memo: memo && Object.keys(memo).length > 0 ? memo : run.memo,
      searchAttributes: run.searchAttributes,
      parent: run.options.parent,
      previous: run,
    });
  }

  private nextRunId(): string {
    this.count++;
    const hex = Array.from({ length: 16 }, () => this.nextByte().toString(16).padStart(2, '0')).join('');
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `4${hex.slice(13, 16)}`,
      `8${hex.slice(17, 20)}`,
      hex.slice(20),
    ].join('-');
  }

  /** mulberry32: small, and the same everywhere. */
  private nextByte(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) & 0xff;
  }
}

/** A workflow as a client has it; the same calls as the SDK's WorkflowHandle. Commands take no simulated time. */
export class SimulatedHandle implements Pick<WorkflowHandle, 'workflowId' | 'fetchHistory'> {
  constructor(
    private readonly temporal: SimulatedTemporal,
    readonly workflowId: string,
  ) {}

  /** Runs what is due, then asks. */
  async query<T, Args extends unknown[] = []>(
    definition: QueryDefinition<T, Args> | string,
    ...args: Args
  ): Promise<T> {
    await this.temporal.settle();
    const name = typeof definition === 'string' ? definition : definition.name;
    return decode(await this.temporal.latest(this.workflowId).query(name, encodeAll(args))) as T;
  }

  async signal<Args extends unknown[] = []>(
    definition: SignalDefinition<Args> | string,
    ...args: Args
  ): Promise<void> {
    const name = typeof definition === 'string' ? definition : definition.name;
    this.temporal.latest(this.workflowId).signal(name, encodeAll(args));
    await this.temporal.settle();
  }

  /** Throws WorkflowUpdateFailedError if the workflow rejects it. */
  async executeUpdate<T = unknown>(
    definition: { name: string } | string,
    { args = [], updateId }: { args?: unknown[]; updateId?: string } = {},
  ): Promise<T> {
    await this.temporal.settle();
    const name = typeof definition === 'string' ? definition : definition.name;
    const run = this.temporal.latest(this.workflowId);
    let outcome: { result: Payload } | { failure: temporal.api.failure.v1.IFailure } | null = null;
    run.update(updateId ?? `update-${run.history.length}-${name}`, name, encodeAll(args), (settled) => {
      outcome = settled;
    });
    await this.temporal.runUntil(() => outcome !== null, `the update ${name} is answered`);
    const settled = outcome as unknown as { result?: Payload; failure?: temporal.api.failure.v1.IFailure };
    if (settled.failure)
      throw new WorkflowUpdateFailedError('Workflow Update failed', decodeFailure(settled.failure));
    return decode(settled.result) as T;
  }

  async cancel(): Promise<void> {
    this.temporal.latest(this.workflowId).requestCancel();
    await this.temporal.settle();
  }

  async terminate(reason = ''): Promise<void> {
    this.temporal.latest(this.workflowId).terminate(reason);
    await this.temporal.settle();
  }

  /** Lets time pass until the workflow has ended. Throws WorkflowFailedError as the SDK's handle does. */
  async result(): Promise<unknown> {
    await this.temporal.runUntil(
      () => this.temporal.latest(this.workflowId).end !== null,
      `${this.workflowId} ends`,
    );
    const { end } = this.temporal.latest(this.workflowId);
    switch (end?.kind) {
      case 'completed':
        return decode(end.result);
      case 'failed':
        throw failedError(decodeFailure(end.failure));
      case 'canceled':
        throw failedError(new CancelledFailure('Workflow canceled'));
      case 'terminated':
        throw failedError(new TerminatedFailure(end.reason || 'Workflow execution terminated'));
      case 'continuedAsNew':
      case undefined:
        throw new Error('the run has not ended');
    }
  }

  fetchHistory(): Promise<temporal.api.history.v1.History> {
    return Promise.resolve(this.temporal.latest(this.workflowId).history.toProto());
  }

  get pendingActivities(): ActivityProgress[] {
    return this.temporal.latest(this.workflowId).pendingActivities;
  }
}

function failedError(cause: Error): WorkflowFailedError {
  return new WorkflowFailedError('Workflow execution failed', cause, RetryState.NON_RETRYABLE_FAILURE);
}
