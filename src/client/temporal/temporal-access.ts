/** One workflow, a rollout's unless told otherwise: describe, query, update, signal, result, each with its failures explained. */
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
import {
  explainFailure,
  grpcFailureOf,
  serverOf,
  unansweredCodes,
  workersFail,
} from './temporal-failures.js';

/** Whose workflows, by the names that their callers know them by. */
export interface WorkflowKind {
  workflowIdOf(name: string): string;
  notFound(name: string): Error;
  endedAbnormally(name: string, how: string, cause: unknown): Error;
  /** Why no command is taken any more. */
  endedMessage: string;
  /** What to do instead of a command that came too late to go back. */
  rollbackAdvice(name: string): string;
}

export class TemporalAccess {
  private readonly inProgress = new Set<AbortController>();
  private closed = false;

  /** `answerSeconds`: how long server and worker may take for one answer. */
  constructor(
    private readonly client: Client,
    private readonly answerSeconds: number,
    private readonly subject: WorkflowKind = rollouts,
  ) {}

  /** Cancels the calls under way: one that is retried on a closed connection would throw where nobody catches. */
  close(): void {
    this.closed = true;
    for (const call of this.inProgress) call.abort();
  }

  /** The latest run. Fails: RolloutNotFound, TemporalUnreachable. */
  async describe(endpoint: string): Promise<WorkflowExecutionDescription> {
    return this.guard(endpoint, () => this.within(() => this.handle(endpoint).describe()));
  }

  /** Which rollout it is, in however many runs. Fails: RolloutNotFound, TemporalUnreachable. */
  async firstRun(endpoint: string): Promise<{ workflowId: string; firstRunId: string }> {
    const { workflowId, runId, raw } = await this.describe(endpoint);
    // A server that does not tell knows of no other run.
    return { workflowId, firstRunId: raw.workflowExecutionInfo?.firstRunId || runId };
  }

  /** Fails: TemporalUnreachable. */
  async history(endpoint: string, runId: string): Promise<History> {
    return this.guard(endpoint, () => this.within(() => this.handle(endpoint, runId).fetchHistory()));
  }

  /** `seconds`: for the answer, where it is not worth waiting as long as usual. Fails: NoWorker too. */
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
   * Fails: CommandRejected, NoWorker too. Null where the command was taken and the rollout ended before its answer.
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
      if (error instanceof WorkflowUpdateFailedError) return refusedOrOver(endpoint, update.name, error);
      if (error instanceof WorkflowNotFoundError) throw await this.explainMissing(endpoint, update.name);
      throw await this.explainWorkerFailure(endpoint, error);
    }
  }

  /** Left with Temporal for the next worker. Fails: CommandRejected where the rollout has ended. */
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
        const result = () => this.client.workflow.result(this.subject.workflowIdOf(endpoint), runId);
        return (await this.guard(endpoint, () => this.abortWhenClosed(result))) as T;
      } catch (error) {
        if (!(error instanceof TemporalUnreachable) || this.closed) throw error;
      }
    }
  }

  private handle(endpoint: string, runId?: string): WorkflowHandle {
    return this.client.workflow.getHandle(this.subject.workflowIdOf(endpoint), runId);
  }

  private within<T>(call: () => Promise<T>, seconds = this.answerSeconds): Promise<T> {
    return this.client.withDeadline(Date.now() + seconds * 1000, () => this.abortWhenClosed(call));
  }

  /** The SDK leaves a listener on the signal with every request: a signal for each call does not gather them for ever. */
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
      if (error instanceof WorkflowNotFoundError) throw this.subject.notFound(endpoint);
      if (error instanceof WorkflowFailedError)
        throw this.subject.endedAbnormally(endpoint, error.cause?.message ?? error.message, error);
      throw explainFailure(error, serverOf(this.client));
    }
  }

  /** Only the server knows whether it is away itself or has nobody to pass the question to. */
  private async explainWorkerFailure(endpoint: string, error: unknown): Promise<unknown> {
    if (error instanceof WorkflowNotFoundError) return this.subject.notFound(endpoint);
    const failure = grpcFailureOf(error);
    if (failure === null || !unansweredCodes.has(failure.code))
      return explainFailure(error, serverOf(this.client));
    const { typedSearchAttributes } = await this.describe(endpoint);
    const Trouble = workersFail(failure) ? WorkerFailing : NoWorker;
    return new Trouble(endpoint, typedSearchAttributes.get(attributes.phase) ?? null, error);
  }

  private async explainMissing(endpoint: string, command: string): Promise<Error> {
    const { typedSearchAttributes } = await this.describe(endpoint);
    const outcome = typedSearchAttributes.get(attributes.outcome);
    const how = outcome === undefined ? '' : ` (${outcome})`;
    const advice =
      outcome === 'promoted' && waysBack.has(command) ? `; ${this.subject.rollbackAdvice(endpoint)}` : '';
    return new CommandRejected(endpoint, command, `${this.subject.endedMessage}${how}${advice}`);
  }
}

/** Commands that mean: back to the model that served before. */
const waysBack: ReadonlySet<string> = new Set([abortUpdate.name, undoUpdate.name]);

const rollouts: WorkflowKind = {
  workflowIdOf,
  notFound: (endpoint) => new RolloutNotFound(endpoint),
  endedAbnormally: (endpoint, how, cause) => new RolloutEndedAbnormally(endpoint, how, cause),
  endedMessage: 'the rollout has already ended',
  rollbackAdvice: (endpoint) =>
    `to go back, start a rollout the other way: \`penstock reverse ${endpoint} > back.yaml && penstock start back.yaml\``,
};

function refusedOrOver(endpoint: string, command: string, error: WorkflowUpdateFailedError): null {
  const { cause } = error;
  if (cause instanceof ApplicationFailure && cause.type === 'AcceptedUpdateCompletedWorkflow') return null;
  throw new CommandRejected(endpoint, command, cause?.message ?? error.message);
}
