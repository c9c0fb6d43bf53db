/** Calls to workflows of one kind: describe, query, update, signal, result. Failures become errors of the client. */
import { setMaxListeners } from 'node:events';
import {
  WorkflowFailedError,
  WorkflowUpdateFailedError,
  type Client,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
} from '@temporalio/client';
import {
  ApplicationFailure,
  WorkflowNotFoundError,
  type QueryDefinition,
  type SignalDefinition,
  type UpdateDefinition,
} from '@temporalio/common';
import {
  abortUpdate,
  attributes,
  undoUpdate,
  workflowIdOf,
  resultInFailure,
  type RolloutResult,
} from '../../workflows/messages.js';
import {
  CommandRejected,
  NoWorker,
  RolloutEndedAbnormally,
  RolloutNotFound,
  TemporalUnreachable,
  WorkerFailing,
} from '../errors.js';
import type { History } from '../rollouts/history-record.js';
import { findLastPromotion } from '../rollouts/last-promotion.js';
import {
  explainFailure,
  grpcFailureOf,
  serverOf,
  unansweredCodes,
  workersFail,
} from './temporal-failures.js';

/** A kind of workflow. `name` is the endpoint, or the name of the waves. */
export interface WorkflowKind {
  workflowIdOf(name: string): string;
  notFound(name: string): Error;
  endedAbnormally(name: string, how: string, cause: unknown): Error;
  /** Why commands are rejected after the end. */
  endedMessage: string;
  /** The next step after a rollback command that came too late; null if nothing is promoted. `latest`: the latest run. */
  rollbackAdvice(name: string, client: Client, latest: WorkflowExecutionDescription): Promise<string | null>;
}

export class TemporalAccess {
  private readonly inProgress = new Set<AbortController>();
  private closed = false;

  /** `answerSeconds`: time limit of one call. */
  constructor(
    private readonly client: Client,
    private readonly answerSeconds: number,
    private readonly kind: WorkflowKind = rollouts,
  ) {}

  /** Cancels calls in progress. A retry on a closed connection would be an unhandled rejection. */
  close(): void {
    this.closed = true;
    for (const call of this.inProgress) call.abort();
  }

  /** The latest run. Fails: RolloutNotFound, TemporalUnreachable. */
  async describe(endpoint: string): Promise<WorkflowExecutionDescription> {
    return this.guard(endpoint, () => this.within(() => this.handle(endpoint).describe()));
  }

  /** The first run of the chain, which identifies the rollout. Fails: RolloutNotFound, TemporalUnreachable. */
  async firstRun(endpoint: string): Promise<{ workflowId: string; firstRunId: string }> {
    const { workflowId, runId, raw } = await this.describe(endpoint);
    // An older server omits it if there is no other run.
    return { workflowId, firstRunId: raw.workflowExecutionInfo?.firstRunId || runId };
  }

  /** Fails: TemporalUnreachable. */
  async history(endpoint: string, runId: string): Promise<History> {
    return this.guard(endpoint, () => this.within(() => this.handle(endpoint, runId).fetchHistory()));
  }

  /** `seconds`: time limit of this call. Default: `answerSeconds`. Fails: NoWorker too. */
  async query<T>(
    endpoint: string,
    query: QueryDefinition<T, []>,
    { runId, seconds }: { runId?: string; seconds?: number } = {},
  ): Promise<T> {
    try {
      return await this.within(() => this.handle(endpoint, runId).query(query), seconds);
    } catch (error) {
      throw await this.explainWorkerFailure(endpoint, error);
    }
  }

  /**
   * Fails: CommandRejected, NoWorker too. Null if the command was accepted and the rollout ended before it responded.
   */
  async update<T, A>(
    endpoint: string,
    update: UpdateDefinition<T, [A]>,
    argument: A,
    updateId: string | undefined,
  ): Promise<T | null> {
    const options = { args: [argument] as [A], ...(updateId === undefined ? {} : { updateId }) };
    try {
      return await this.within(() => this.handle(endpoint).executeUpdate(update, options));
    } catch (error) {
      if (error instanceof WorkflowUpdateFailedError) return rejectedOrEnded(endpoint, update.name, error);
      if (error instanceof WorkflowNotFoundError) throw await this.explainMissing(endpoint, update.name);
      throw await this.explainWorkerFailure(endpoint, error);
    }
  }

  /** Temporal keeps the signal for the next worker. Fails: CommandRejected if the rollout has ended. */
  async signal<A>(endpoint: string, signal: SignalDefinition<[A]>, argument: A): Promise<void> {
    try {
      await this.within(() => this.handle(endpoint).signal(signal, argument));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw await this.explainMissing(endpoint, signal.name);
      throw explainFailure(error, serverOf(this.client));
    }
  }

  /** Waits through outages of Temporal: a rollout may take weeks. Fails: RolloutNotFound, RolloutEndedAbnormally. */
  async result<T = RolloutResult>(endpoint: string, runId: string | undefined): Promise<T> {
    for (;;) {
      try {
        const result = () => this.client.workflow.result(this.kind.workflowIdOf(endpoint), runId);
        return (await this.guard(endpoint, () => resultOf(this.abortWhenClosed(result)))) as T;
      } catch (error) {
        if (!(error instanceof TemporalUnreachable) || this.closed) throw error;
      }
    }
  }

  private handle(endpoint: string, runId?: string): WorkflowHandle {
    return this.client.workflow.getHandle(this.kind.workflowIdOf(endpoint), runId);
  }

  private within<T>(call: () => Promise<T>, seconds = this.answerSeconds): Promise<T> {
    return this.client.withDeadline(Date.now() + seconds * 1000, () => this.abortWhenClosed(call));
  }

  /** One abort signal per call, because the SDK leaves a listener on the signal with every request. */
  private async abortWhenClosed<T>(call: () => Promise<T>): Promise<T> {
    const cancel = new AbortController();
    setMaxListeners(0, cancel.signal);
    this.inProgress.add(cancel);
    try {
      return await this.client.withAbortSignal(cancel.signal, call);
    } finally {
      this.inProgress.delete(cancel);
    }
  }

  private async guard<T>(endpoint: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw this.kind.notFound(endpoint);
      if (error instanceof WorkflowFailedError)
        throw this.kind.endedAbnormally(endpoint, error.cause?.message ?? error.message, error);
      throw explainFailure(error, serverOf(this.client));
    }
  }

  /** Distinguishes an unreachable server from a server without a worker: `describe` needs only the server. */
  private async explainWorkerFailure(endpoint: string, error: unknown): Promise<unknown> {
    if (error instanceof WorkflowNotFoundError) return this.kind.notFound(endpoint);
    const failure = grpcFailureOf(error);
    if (failure === null || !unansweredCodes.has(failure.code))
      return explainFailure(error, serverOf(this.client));
    const { typedSearchAttributes, taskQueue } = await this.describe(endpoint);
    const phase = typedSearchAttributes.get(attributes.phase) ?? null;
    const Failure = workersFail(failure) ? WorkerFailing : NoWorker;
    return new Failure(endpoint, { phase, taskQueue }, error);
  }

  private async explainMissing(endpoint: string, command: string): Promise<Error> {
    const latest = await this.describe(endpoint);
    const outcome = latest.typedSearchAttributes.get(attributes.outcome);
    const how = outcome === undefined ? '' : ` (${outcome})`;
    const advice = rollbackCommands.has(command)
      ? await this.kind.rollbackAdvice(endpoint, this.client, latest)
      : null;
    const next = advice === null ? '' : `; ${advice}`;
    return new CommandRejected(endpoint, command, `${this.kind.endedMessage}${how}${next}`);
  }
}

/** Commands that roll back to the previous model. */
const rollbackCommands: ReadonlySet<string> = new Set([abortUpdate.name, undoUpdate.name]);

const rollouts: WorkflowKind = {
  workflowIdOf,
  notFound: (endpoint) => new RolloutNotFound(endpoint),
  endedAbnormally: (endpoint, how, cause) => new RolloutEndedAbnormally(endpoint, how, cause),
  endedMessage: 'the rollout has already ended',
  rollbackAdvice: async (endpoint, client, latest) =>
    (await findLastPromotion(client, latest)) &&
    `to roll back the last promotion, start a reverse rollout: \`penstock reverse ${endpoint} > back.yaml && penstock start back.yaml\``,
};

/** A rollout whose rollback is not verified has its result in the failure of its workflow. */
async function resultOf(ended: Promise<unknown>): Promise<unknown> {
  try {
    return await ended;
  } catch (error) {
    const result = error instanceof WorkflowFailedError ? resultInFailure(error.cause) : null;
    if (result === null) throw error;
    return result;
  }
}

function rejectedOrEnded(endpoint: string, command: string, error: WorkflowUpdateFailedError): null {
  const { cause } = error;
  if (cause instanceof ApplicationFailure && cause.type === 'AcceptedUpdateCompletedWorkflow') return null;
  throw new CommandRejected(endpoint, command, cause?.message ?? error.message);
}
