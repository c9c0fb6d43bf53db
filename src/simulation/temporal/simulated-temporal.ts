/** Temporal in this process: workflows by id, and clients' calls to them, on a simulated clock. */
import {
  QueryNotRegisteredError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowUpdateFailedError,
  type WorkflowClient,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
} from '@temporalio/client';
import {
  ApplicationFailure,
  CancelledFailure,
  RetryState,
  TerminatedFailure,
  WorkflowNotFoundError,
  type Payload,
} from '@temporalio/common';
import type { QueryDefinition, SignalDefinition } from '@temporalio/common';
import type { coresdk, temporal } from '@temporalio/proto';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { SimulatedClock } from '../clock.js';
import { SeededRandom } from '../random.js';
import type { ActivityProgress, AttemptTimes } from './activity-task.js';
import { dataConverter, decode, decodeFields, encodeAll, encodeFields, decodeFailure } from './payloads.js';
import type { HistoryEvent } from './history.js';
import type { WorkflowSandbox } from './sdk.js';
import type { ChildRun, ContinuedRun, ExecutionIds, RunEnd, RunHost, RunOptions } from './run-core.js';
import { SimulatedWorker } from './worker.js';
import { WorkflowRun } from './workflow-run.js';

export interface SimulatedTemporalOptions {
  /** May be shared by many simulations. */
  sandbox: WorkflowSandbox;
  /** Called at each start of the worker. */
  createActivities: () => object;
  interceptors?: ActivityInterceptorsFactory[];
  /** Default: attempts are made at their planned times. */
  times?: AttemptTimes | undefined;
  /** The network of activities beyond AWS. Default: no host can be reached. */
  fetch?: typeof fetch;
  /** Default: one that begins on 2026-01-01. */
  clock?: SimulatedClock;
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
export const defaultStartMs = Date.UTC(2026, 0, 1);
/** Status codes of gRPC: https://grpc.io/docs/guides/status-codes/ */
const invalidArgument = 3;
const notFound = 5;

type NewRun = Omit<RunOptions, 'runId' | 'firstRunId' | 'startMs' | 'continuedFrom' | 'seed' | 'backoffMs'> &
  Partial<Pick<RunOptions, 'backoffMs'>>;

export class SimulatedTemporal {
  readonly clock: SimulatedClock;
  readonly worker: SimulatedWorker;
  /** Decides everything that is random in Temporal, in its worker and in activities. */
  readonly random: SeededRandom;
  /** Called before time passes, at most until that time (milliseconds since the epoch; Infinity: no limit). */
  beforeStep: ((untilMs: number) => Promise<void>) | null = null;
  private readonly runs = new Map<string, WorkflowRun[]>();
  private readonly host: RunHost;
  private driving: Promise<unknown> = Promise.resolve();

  constructor({
    sandbox,
    createActivities,
    interceptors = [],
    times,
    fetch = refuseConnection,
    clock = new SimulatedClock(defaultStartMs),
    seed = 1,
  }: SimulatedTemporalOptions) {
    this.clock = clock;
    this.random = new SeededRandom(seed);
    this.worker = new SimulatedWorker(
      { createActivities, interceptors, client: { workflow: this.clientOfActivities() } },
      { clock, random: new SeededRandom(this.random.nextWord()), fetch },
    );
    this.host = {
      clock: this.clock,
      worker: this.worker,
      times,
      sandbox,
      startChild: (parent, command, meta) => this.startChild(parent, command, meta),
      signal: (workflowId, name, args, from) => {
        const run = this.findRunning(workflowId);
        run?.signal(name, args, from);
        return run !== null;
      },
      newRunId: () => this.nextUuid(),
      onEnd: (run, end) => this.continue(run, end),
    };
  }

  /** Starts a workflow; it does nothing before simulated work runs. Throws as the server does if one of the id runs. */
  start(
    workflowType: string,
    { workflowId, taskQueue = 'penstock', args, memo = {} }: StartOptions,
  ): SimulatedHandle {
    if (this.findRunning(workflowId))
      throw new WorkflowExecutionAlreadyStartedError(
        'Workflow execution already started',
        workflowId,
        workflowType,
      );
    this.begin({
      ...{ workflowId, workflowType, taskQueue, args: encodeAll(args), memo: encodeFields(memo) },
      ...{ searchAttributes: {}, parent: null, root: null, userMetadata: null },
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
    if (run) return run;
    throw new WorkflowNotFoundError(`workflow not found for ID: ${workflowId}`, workflowId, undefined);
  }

  /** The run that takes commands. Throws as the server does if none is running. */
  running(workflowId: string): WorkflowRun {
    const run = this.latest(workflowId);
    if (!run.end) return run;
    throw new WorkflowNotFoundError('workflow execution already completed', workflowId, run.options.runId);
  }

  runningRuns(): WorkflowRun[] {
    return [...this.runs.values()].flatMap((runs) => runs.filter(({ end }) => end === null));
  }

  /** Runs everything that is due, and lets no time pass. */
  async settle(): Promise<void> {
    const { nowMs } = this.clock;
    while (await this.step(nowMs));
  }

  /** Lets time pass, and runs what becomes due in it. */
  async skip(ms: number): Promise<void> {
    const endMs = this.clock.nowMs + ms;
    while (await this.step(endMs));
    this.clock.advanceTo(endMs);
  }

  /** Lets time pass until something is due, and runs all that is due then. False if nothing will be. */
  async skipToNext(): Promise<boolean> {
    const { nextMs, nowMs } = this.clock;
    if (nextMs === null) return false;
    await this.skip(nextMs - nowMs);
    return true;
  }

  /** Lets time pass until the condition holds. Throws if nothing more would happen before. */
  async runUntil(condition: () => boolean, what: string): Promise<void> {
    while (!condition()) {
      const hasStepped = await this.step(Infinity);
      // Another caller's turn can have brought it about.
      if (!hasStepped && !condition()) throw new Error(`nothing more happens before ${what}`);
    }
  }

  async close(): Promise<void> {
    for (const runs of this.runs.values()) for (const run of runs) await run.dispose();
  }

  /** One caller drives at a time; another one's turn comes between two pieces of work. */
  private step(untilMs: number): Promise<boolean> {
    const stepped = this.driving.then(async () => {
      await this.worker.process.idle();
      await this.beforeStep?.(untilMs);
      return this.clock.runNext(untilMs);
    });
    this.driving = stepped.catch(() => undefined);
    return stepped;
  }

  private findRunning(workflowId: string): WorkflowRun | null {
    const run = this.runs.get(workflowId)?.at(-1);
    return run && !run.end ? run : null;
  }

  /** `previous`: the run that it continues, which has named it. */
  private begin(options: NewRun, previous: { run: ChildRun; next: ContinuedRun } | null = null): WorkflowRun {
    const runId = previous?.next.runId ?? this.nextUuid();
    const run = new WorkflowRun(this.host, {
      backoffMs: 0,
      ...options,
      runId,
      firstRunId: previous?.run.options.firstRunId ?? runId,
      startMs: this.clock.nowMs,
      continuedFrom: previous?.run.options.runId ?? null,
      seed: Array.from({ length: 8 }, () => this.random.nextByte()),
    });
    const runs = this.runs.get(options.workflowId) ?? [];
    this.runs.set(options.workflowId, [...runs, run]);
    run.begin();
    return run;
  }

  private startChild(
    parent: ChildRun,
    command: coresdk.workflow_commands.IStartChildWorkflowExecution,
    { userMetadata = null }: Partial<HistoryEvent>,
  ): WorkflowRun | null {
    const workflowId = command.workflowId ?? '';
    if (this.findRunning(workflowId)) return null;
    const { runId, taskQueue, workflowId: parentId, root } = parent.options;
    const execution = { workflowId: parentId, runId };
    return this.begin({
      workflowId,
      workflowType: command.workflowType ?? '',
      taskQueue: command.taskQueue || taskQueue,
      args: command.input ?? [],
      memo: command.memo ?? {},
      searchAttributes: command.searchAttributes?.indexedFields ?? {},
      ...{ parent: execution, root: root ?? execution, userMetadata },
    });
  }

  private continue(run: ChildRun, end: RunEnd): WorkflowRun | null {
    if (end.kind !== 'continuedAsNew') return null;
    const { workflowId, parent, root, userMetadata } = run.options;
    return this.begin({ ...end.next, workflowId, parent, root, userMetadata }, { run, next: end.next });
  }

  /** As clients and servers make ids, but decided by the seed. */
  nextUuid(): string {
    const hex = Array.from({ length: 16 }, () => this.random.nextByte().toString(16).padStart(2, '0')).join(
      '',
    );
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `4${hex.slice(13, 16)}`,
      `8${hex.slice(17, 20)}`,
      hex.slice(20),
    ].join('-');
  }

  /** Activities read the memo of a running workflow, and the first event of a run. */
  private clientOfActivities(): WorkflowClient {
    const getHandle = (workflowId: string) => ({
      describe: () => {
        const { memo } = this.latest(workflowId);
        return Promise.resolve({ memo: decodeFields(memo) });
      },
    });
    const getWorkflowExecutionHistory = ({ execution }: { execution: ExecutionIds }) => {
      const { workflowId, runId } = execution;
      const run = this.runsOf(workflowId).find(({ options }) => options.runId === runId);
      if (!run) return Promise.reject(Object.assign(new Error('Workflow not found'), { code: notFound }));
      return Promise.resolve({ history: { events: run.history.events } });
    };
    // It has the calls that activities make, and no connection to a server.
    return {
      getHandle,
      options: { namespace: 'default', loadedDataConverter: dataConverter },
      workflowService: { getWorkflowExecutionHistory },
    } as unknown as WorkflowClient;
  }
}

/** As a socket fails for a host that listens nowhere. */
function refuseConnection(): Promise<never> {
  const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  return Promise.reject(new TypeError('fetch failed', { cause }));
}

export type SimulatedDescription = Pick<
  WorkflowExecutionDescription,
  'workflowId' | 'runId' | 'type' | 'taskQueue' | 'memo' | 'historyLength'
>;

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
    const run = this.temporal.latest(this.workflowId);
    await this.temporal.runUntil(() => run.hasBegun, `${this.workflowId} begins`);
    try {
      return decode(await run.query(name, encodeAll(args))) as T;
    } catch (error) {
      if (!(error instanceof ApplicationFailure)) throw error;
      // The server passes on only the message, for any failure.
      throw new QueryNotRegisteredError(error.message, invalidArgument);
    }
  }

  async signal<Args extends unknown[] = []>(
    definition: SignalDefinition<Args> | string,
    ...args: Args
  ): Promise<void> {
    const name = typeof definition === 'string' ? definition : definition.name;
    this.temporal.running(this.workflowId).signal(name, encodeAll(args));
    await this.temporal.settle();
  }

  /** Throws WorkflowUpdateFailedError if the workflow rejects it. The answer to an accepted one is kept by its id. */
  async executeUpdate<T = unknown>(
    definition: { name: string } | string,
    { args = [], updateId }: { args?: unknown[]; updateId?: string } = {},
  ): Promise<T> {
    await this.temporal.settle();
    const name = typeof definition === 'string' ? definition : definition.name;
    const latest = this.temporal.latest(this.workflowId);
    const isKnown = updateId !== undefined && latest.hasUpdate(updateId);
    const run = isKnown ? latest : this.temporal.running(this.workflowId);
    let outcome: { result: Payload } | { failure: temporal.api.failure.v1.IFailure } | null = null;
    run.update(updateId ?? this.temporal.nextUuid(), name, encodeAll(args), (settled) => {
      outcome = settled;
    });
    await this.temporal.runUntil(() => outcome !== null, `the update ${name} is answered`);
    const settled = outcome as unknown as { result?: Payload; failure?: temporal.api.failure.v1.IFailure };
    if (settled.failure)
      throw new WorkflowUpdateFailedError('Workflow Update failed', decodeFailure(settled.failure));
    return decode(settled.result) as T;
  }

  /** Does nothing after the end. */
  async cancel(): Promise<void> {
    this.temporal.latest(this.workflowId).requestCancel();
    await this.temporal.settle();
  }

  async terminate(reason = ''): Promise<void> {
    this.temporal.running(this.workflowId).terminate(reason);
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
        throw new WorkflowFailedError(
          'Workflow execution failed',
          decodeFailure(end.failure),
          RetryState.RETRY_POLICY_NOT_SET,
        );
      case 'canceled':
        throw endedError('Workflow execution cancelled', new CancelledFailure('Workflow canceled'));
      case 'terminated': {
        const message = end.reason || 'Workflow execution terminated';
        throw endedError(message, new TerminatedFailure(message));
      }
      case 'continuedAsNew':
      case undefined:
        throw new Error('the run has not ended');
    }
  }

  /** As the latest run stands. */
  describe(): Promise<SimulatedDescription> {
    const { options, memo, history } = this.temporal.latest(this.workflowId);
    const { workflowId, runId, workflowType: type, taskQueue } = options;
    return Promise.resolve({
      ...{ workflowId, runId, type, taskQueue, memo: decodeFields(memo) },
      historyLength: history.length,
    });
  }

  fetchHistory(): Promise<temporal.api.history.v1.History> {
    return Promise.resolve(this.temporal.latest(this.workflowId).history.toProto());
  }

  get pendingActivities(): ActivityProgress[] {
    return this.temporal.latest(this.workflowId).pendingActivities;
  }
}

/** With the message and the retry state that the SDK's client gives. */
function endedError(message: string, cause: Error): WorkflowFailedError {
  return new WorkflowFailedError(message, cause, RetryState.NON_RETRYABLE_FAILURE);
}
