/** RolloutClient: start, follow and command rollouts from any TypeScript program. */
import type { Client } from '@temporalio/client';
import {
  WorkflowExecutionAlreadyStartedError,
  type SignalDefinition,
  type UpdateDefinition,
} from '@temporalio/common';
import { CommandSender } from './client/command-sender.js';
import { openClient, type ConnectOptions } from './client/temporal/connection.js';
import { NoWorker, RolloutAlreadyRunning } from './client/errors.js';
import { recordIn, type RolloutRecord } from './client/rollouts/history-record.js';
import { mergePendingActivities, pendingOf, type LiveStatus } from './client/rollouts/live-status.js';
import { readPendingActivities } from './client/rollouts/pending-activities.js';
import { findLastPromotion } from './client/rollouts/last-promotion.js';
import {
  endedStatusOf,
  listQuery,
  type ListOptions,
  rolloutSummaryOf,
  type RolloutSummary,
} from './client/rollouts/rollout-summary.js';
import { registerAttributes, type AttributeRegistration } from './client/temporal/search-attributes.js';
import { CommandSigner } from './client/signing.js';
import { startOptionsOf, type SpecJson, type StartedBy } from './client/start-options.js';
import { TemporalAccess } from './client/temporal/temporal-access.js';
import { explainFailure, serverOf } from './client/temporal/temporal-failures.js';
import { WavesClient } from './client/waves-client.js';
import * as messages from './workflows/messages.js';
import type {
  Command,
  PlannedRollout,
  PromoteCommand,
  RolloutResult,
  RolloutStatus,
  TimelineEntry,
} from './workflows/messages.js';

export * from './client/errors.js';
export { InvalidActorKeys } from './identity/invalid-actor-keys.js';
export { InvalidEncryptionKeys, UndecryptablePayload } from './codec/codec-errors.js';
export {
  readConnectionSettings,
  type ConnectionSettings,
  type ConnectOptions,
} from './client/temporal/connection.js';
export type { Execution, LiveStatus, PendingActivity } from './client/rollouts/live-status.js';
export type { RolloutRecord } from './client/rollouts/history-record.js';
export type { RolloutSummary } from './client/rollouts/rollout-summary.js';
export {
  SearchAttributeConflict,
  ManualSetupRequired,
  type AttributeRegistration,
} from './client/temporal/search-attributes.js';
export type { SpecJson, StartedBy, WavesJson } from './client/start-options.js';
export type { LiveWaves, LiveWaveRollout, StartedWaves, WavesClient } from './client/waves-client.js';
export type { WavesEntry, WavesResult, WavesStatus } from './workflows/waves/messages.js';
export type { Command, PlannedRollout, PromoteCommand, RolloutResult, RolloutStatus, TimelineEntry };

export interface StartedRollout {
  endpoint: string;
  workflowId: string;
  runId: string;
}

/** `updateId`: the same id twice is the same command once, until the first one has expired. */
export interface CommandOptions {
  updateId?: string;
}

/** How long a worker may take to answer for an ended rollout. After that, only the result is shown. */
const endedSeconds = 5;

/** All methods fail with TemporalUnreachable or TemporalRejected too; those of one endpoint with RolloutNotFound. */
export class RolloutClient {
  /** Rollouts of many endpoints, wave by wave. */
  readonly waves: WavesClient;
  private readonly access: TemporalAccess;
  private readonly commands: CommandSender;

  /**
   * `answerSeconds`: time limit of one call. A running worker responds in milliseconds, except while it starts.
   * `env`: names the key that signs commands. Default: the environment of the process.
   */
  constructor(
    private readonly client: Client,
    { answerSeconds = 15, env }: { answerSeconds?: number; env?: Record<string, string | undefined> } = {},
  ) {
    this.access = new TemporalAccess(client, answerSeconds);
    const signing = new CommandSigner(env);
    this.commands = new CommandSender(this.access, signing, answerSeconds);
    this.waves = new WavesClient(client, answerSeconds, this.access, signing);
  }

  /** Reads TEMPORAL_* and temporal.toml. Fails: InvalidConnectionSettings, TemporalUnreachable. */
  static async connect(options: ConnectOptions = {}): Promise<RolloutClient> {
    const { env } = options;
    return new RolloutClient(await openClient(options), env === undefined ? {} : { env });
  }

  /** Closes the connection and cancels calls in progress. Call no method after it. */
  async close(): Promise<void> {
    this.access.close();
    this.waves.close();
    await this.client.connection.close();
  }

  /** `spec`: the content of the spec file as JSON. Fails: RolloutAlreadyRunning, SpecTooLarge. */
  async start(spec: SpecJson, started: StartedBy): Promise<StartedRollout> {
    const options = startOptionsOf(spec, started);
    try {
      const { workflowId, firstExecutionRunId } = await this.client.workflow.start(
        messages.workflowType,
        options,
      );
      return { endpoint: spec.endpoint, workflowId, runId: firstExecutionRunId };
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError)
        throw await this.describeRunning(spec.endpoint);
      throw explainFailure(error, serverOf(this.client));
    }
  }

  /** Waits for the end, through outages of Temporal. Without `runId`: the latest run. Fails: RolloutEndedAbnormally. */
  async wait(endpoint: string, { runId }: { runId?: string } = {}): Promise<RolloutResult> {
    return this.access.result(endpoint, runId);
  }

  /**
   * The status of the rollout, merged with the state of its running activities. An ended rollout needs no worker.
   * Fails: NoWorker; RolloutEndedAbnormally if it was terminated and no worker runs.
   */
  async get(endpoint: string): Promise<LiveStatus> {
    const description = await this.access.describe(endpoint);
    const { workflowId, runId, execution } = rolloutSummaryOf(description);
    const [status, polls] = await Promise.all([
      this.statusOf(endpoint, description, execution !== 'running'),
      readPendingActivities(this.client, description),
    ]);
    const merged = mergePendingActivities(status, polls);
    return {
      ...merged,
      workflowId,
      runId,
      execution,
      historyEvents: description.historyLength,
      pending: polls.map((poll) => pendingOf(poll, merged)),
    };
  }

  /** Null until the plan is compiled. Fails: NoWorker. */
  async plan(endpoint: string): Promise<PlannedRollout | null> {
    return this.access.query(endpoint, messages.planQuery);
  }

  /** The record of the latest rollout, running or ended. Needs no worker. */
  async record(endpoint: string): Promise<RolloutRecord> {
    return this.recordOf(endpoint, rolloutSummaryOf(await this.access.describe(endpoint)));
  }

  /**
   * The record of the last rollout that was promoted, whatever ended since. Null if Temporal retains none. Needs no worker.
   */
  async recordOfPromotion(endpoint: string): Promise<RolloutRecord | null> {
    const found = await findLastPromotion(this.client, await this.access.describe(endpoint));
    return found && this.recordOf(endpoint, found);
  }

  /** Fails: NoWorker. */
  async timeline(endpoint: string): Promise<TimelineEntry[]> {
    return this.access.query(endpoint, messages.timelineQuery);
  }

  /** The latest rollout of the endpoint, running or ended. Needs no worker. */
  async latest(endpoint: string): Promise<RolloutSummary> {
    return rolloutSummaryOf(await this.access.describe(endpoint));
  }

  /** Running rollouts, or with `all` every rollout that Temporal retains. The newest is first. */
  async list(options: ListOptions = {}): Promise<RolloutSummary[]> {
    const found: RolloutSummary[] = [];
    try {
      for await (const info of this.client.workflow.list({ query: listQuery(options) }))
        found.push(rolloutSummaryOf(info));
    } catch (error) {
      throw explainFailure(error, serverOf(this.client));
    }
    return found;
  }

  /** Continues to the next step, or with `full` to the last. Fails: CommandRejected, NoWorker. */
  async promote(
    endpoint: string,
    command: PromoteCommand,
    options: CommandOptions = {},
  ): Promise<RolloutStatus> {
    return this.command(endpoint, messages.promoteUpdate, command, options);
  }

  /**
   * Rolls back to the baseline. Fails: CommandRejected, NoWorker. Without a worker, Temporal keeps the abort as a
   * signal, and the next worker applies it.
   */
  async abort(endpoint: string, command: Command, options: CommandOptions = {}): Promise<RolloutStatus> {
    return this.rollBack(endpoint, messages.abortUpdate, messages.abortSignal, command, options);
  }

  /** Rolls back during the rollback window. Fails, and is kept as a signal, in the same cases as `abort`. */
  async undo(endpoint: string, command: Command, options: CommandOptions = {}): Promise<RolloutStatus> {
    return this.rollBack(endpoint, messages.undoUpdate, messages.undoSignal, command, options);
  }

  /** One actor's approval of the current gate. Fails: CommandRejected, NoWorker. */
  async approve(endpoint: string, command: Command, options: CommandOptions = {}): Promise<RolloutStatus> {
    return this.command(endpoint, messages.approveUpdate, command, options);
  }

  /** Keeps the current weights until `resume`. Guardrails stay active. Fails: CommandRejected, NoWorker. */
  async pause(endpoint: string, command: Command, options: CommandOptions = {}): Promise<RolloutStatus> {
    return this.command(endpoint, messages.pauseUpdate, command, options);
  }

  /** Fails: CommandRejected, NoWorker. */
  async resume(endpoint: string, command: Command, options: CommandOptions = {}): Promise<RolloutStatus> {
    return this.command(endpoint, messages.resumeUpdate, command, options);
  }

  /** Checks a held rollout now, instead of at the next poll. Fails: CommandRejected, NoWorker. */
  async retry(endpoint: string, command: Command, options: CommandOptions = {}): Promise<RolloutStatus> {
    return this.command(endpoint, messages.retryUpdate, command, options);
  }

  /** Registers the search attributes in the namespace. Fails: ManualSetupRequired, SearchAttributeConflict. */
  async setup(): Promise<AttributeRegistration> {
    return registerAttributes(this.client);
  }

  private async recordOf(endpoint: string, { runId, execution }: RolloutSummary): Promise<RolloutRecord> {
    return { execution, ...(await recordIn(this.client, await this.access.history(endpoint, runId))) };
  }

  private async command<C extends Command>(
    endpoint: string,
    update: UpdateDefinition<RolloutStatus, [C]>,
    command: C,
    { updateId }: CommandOptions,
  ): Promise<RolloutStatus> {
    return (await this.commands.send(endpoint, update, command, updateId)) ?? (await this.get(endpoint));
  }

  private async rollBack(
    endpoint: string,
    update: UpdateDefinition<RolloutStatus, [Command]>,
    signal: SignalDefinition<[Command]>,
    command: Command,
    { updateId }: CommandOptions,
  ): Promise<RolloutStatus> {
    const status = await this.commands.sendOrKeep(endpoint, update, signal, command, updateId);
    return status ?? (await this.get(endpoint));
  }

  private async statusOf(
    endpoint: string,
    description: Awaited<ReturnType<TemporalAccess['describe']>>,
    isClosed: boolean,
  ): Promise<RolloutStatus> {
    const { runId } = description;
    try {
      const limit = isClosed ? { seconds: endedSeconds } : {};
      return await this.access.query(endpoint, messages.statusQuery, { runId, ...limit });
    } catch (error) {
      if (!isClosed || !(error instanceof NoWorker)) throw error;
      return endedStatusOf(await this.access.result(endpoint, runId), description);
    }
  }

  private async describeRunning(endpoint: string): Promise<RolloutAlreadyRunning> {
    const { workflowId, runId, phase, startedBy } = rolloutSummaryOf(await this.access.describe(endpoint));
    return new RolloutAlreadyRunning(endpoint, workflowId, runId, phase, startedBy);
  }
}
