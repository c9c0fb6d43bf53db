/** RolloutClient: start, follow and command rollouts from any TypeScript program. */
import type { Client } from '@temporalio/client';
import {
  WorkflowExecutionAlreadyStartedError,
  type SignalDefinition,
  type UpdateDefinition,
} from '@temporalio/common';
import { openClient, type ConnectOptions } from './client/temporal/connection.js';
import { NoWorker, RolloutAlreadyRunning } from './client/errors.js';
import { recordIn, type RolloutRecord } from './client/rollouts/history-record.js';
import { mergePendingActivities, pendingOf, type LiveStatus } from './client/rollouts/live-status.js';
import { readPendingActivities } from './client/rollouts/pending-activities.js';
import {
  endedStatusOf,
  listQuery,
  rolloutSummaryOf,
  type RolloutSummary,
} from './client/rollouts/rollout-summary.js';
import { registerAttributes, type AttributeRegistration } from './client/temporal/search-attributes.js';
import { CommandSigner } from './client/signing.js';
import { startOptionsOf, type SpecJson } from './client/start-options.js';
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
export type { SpecJson, WavesJson } from './client/start-options.js';
export type { LiveWaves, LiveWaveRollout, StartedWaves, WavesClient } from './client/waves-client.js';
export type { WavesEntry, WavesResult, WavesStatus } from './workflows/waves/messages.js';
export type { Command, PlannedRollout, PromoteCommand, RolloutResult, RolloutStatus, TimelineEntry };

export interface StartedRollout {
  endpoint: string;
  workflowId: string;
  runId: string;
}

/** `updateId`: the same id twice is the same command once. */
export interface CommandOptions {
  updateId?: string;
}

/** How long a worker may take to show an ended rollout in full, before its result alone is shown. */
const endedSeconds = 5;

/** All methods fail with TemporalUnreachable or TemporalRejected too; those of one endpoint with RolloutNotFound. */
export class RolloutClient {
  /** Rollouts of many endpoints, wave by wave. */
  readonly waves: WavesClient;
  private readonly access: TemporalAccess;
  private readonly signing: CommandSigner;

  /**
   * `answerSeconds`: a worker that is there answers in milliseconds, unless it is just starting. `env`: says whose key signs
   * commands; the process's own unless given.
   */
  constructor(
    private readonly client: Client,
    { answerSeconds = 15, env }: { answerSeconds?: number; env?: Record<string, string | undefined> } = {},
  ) {
    this.access = new TemporalAccess(client, answerSeconds);
    this.signing = new CommandSigner(env);
    this.waves = new WavesClient(client, answerSeconds, this.access, this.signing);
  }

  /** Through TEMPORAL_* and temporal.toml. Fails: InvalidConnectionSettings, TemporalUnreachable. */
  static async connect(options: ConnectOptions = {}): Promise<RolloutClient> {
    const { env } = options;
    return new RolloutClient(await openClient(options), env === undefined ? {} : { env });
  }

  /** Ends the connection and what is still waiting for an answer; no method may be called after it. */
  async close(): Promise<void> {
    this.access.close();
    this.waves.close();
    await this.client.connection.close();
  }

  /** `spec`: the spec file's content as JSON. Fails: RolloutAlreadyRunning. */
  async start(spec: SpecJson, { startedBy }: { startedBy: string }): Promise<StartedRollout> {
    try {
      const { workflowId, firstExecutionRunId } = await this.client.workflow.start(
        messages.workflowType,
        startOptionsOf(spec, startedBy),
      );
      return { endpoint: spec.endpoint.toLowerCase(), workflowId, runId: firstExecutionRunId };
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) throw await this.whoRuns(spec.endpoint);
      throw explainFailure(error, serverOf(this.client));
    }
  }

  /** Waits for the end, through outages of Temporal. Without `runId`: the latest run. Fails: RolloutEndedAbnormally. */
  async wait(endpoint: string, { runId }: { runId?: string } = {}): Promise<RolloutResult> {
    return this.access.result(endpoint, runId);
  }

  /**
   * What the rollout says, with the news of the activities under way merged into it. A rollout that has ended needs no
   * worker to be shown. Fails: NoWorker; RolloutEndedAbnormally where it has ended from outside and no worker runs.
   */
  async get(endpoint: string): Promise<LiveStatus> {
    const description = await this.access.describe(endpoint);
    const { workflowId, runId, execution } = rolloutSummaryOf(description);
    const [status, looks] = await Promise.all([
      this.statusOf(endpoint, description, execution !== 'running'),
      readPendingActivities(this.client, description),
    ]);
    const merged = mergePendingActivities(status, looks);
    return {
      ...merged,
      workflowId,
      runId,
      execution,
      historyEvents: description.historyLength,
      pending: looks.map((look) => pendingOf(look, merged)),
    };
  }

  /** Null until the plan is compiled. Fails: NoWorker. */
  async plan(endpoint: string): Promise<PlannedRollout | null> {
    return this.access.query(endpoint, messages.planQuery);
  }

  /** Of the latest rollout, running or not; needs no worker. */
  async record(endpoint: string): Promise<RolloutRecord> {
    const { runId, execution } = rolloutSummaryOf(await this.access.describe(endpoint));
    return { execution, ...(await recordIn(this.client, await this.access.history(endpoint, runId))) };
  }

  /** Fails: NoWorker. */
  async timeline(endpoint: string): Promise<TimelineEntry[]> {
    return this.access.query(endpoint, messages.timelineQuery);
  }

  /** Running rollouts, or all that Temporal still remembers; the newest first. */
  async list(options: { all?: boolean } = {}): Promise<RolloutSummary[]> {
    const found: RolloutSummary[] = [];
    try {
      for await (const info of this.client.workflow.list({ query: listQuery(options) }))
        found.push(rolloutSummaryOf(info));
    } catch (error) {
      throw explainFailure(error, serverOf(this.client));
    }
    return found;
  }

  /** The next step, or with `full` the last. Fails: CommandRejected, NoWorker. */
  async promote(
    endpoint: string,
    command: PromoteCommand,
    options: CommandOptions = {},
  ): Promise<RolloutStatus> {
    return this.command(endpoint, messages.promoteUpdate, command, options);
  }

  /**
   * Back to the baseline. Fails: CommandRejected, NoWorker; in the latter case the abort is left with Temporal as a
   * signal, which the next worker obeys.
   */
  async abort(endpoint: string, command: Command, options: CommandOptions = {}): Promise<RolloutStatus> {
    return this.goBack(endpoint, messages.abortUpdate, messages.abortSignal, command, options);
  }

  /** Back to the baseline from the rollback window. Fails: as `abort` does, and is left with Temporal as `abort` is. */
  async undo(endpoint: string, command: Command, options: CommandOptions = {}): Promise<RolloutStatus> {
    return this.goBack(endpoint, messages.undoUpdate, messages.undoSignal, command, options);
  }

  /** One person's yes to the gate that waits for it. Fails: CommandRejected, NoWorker. */
  async approve(endpoint: string, command: Command, options: CommandOptions = {}): Promise<RolloutStatus> {
    return this.command(endpoint, messages.approveUpdate, command, options);
  }

  /** Traffic stays as it is, guarded, until `resume`. Fails: CommandRejected, NoWorker. */
  async pause(endpoint: string, command: Command, options: CommandOptions = {}): Promise<RolloutStatus> {
    return this.command(endpoint, messages.pauseUpdate, command, options);
  }

  /** Fails: CommandRejected, NoWorker. */
  async resume(endpoint: string, command: Command, options: CommandOptions = {}): Promise<RolloutStatus> {
    return this.command(endpoint, messages.resumeUpdate, command, options);
  }

  /** Tries now what is held, instead of after the usual while. Fails: CommandRejected, NoWorker. */
  async retry(endpoint: string, command: Command, options: CommandOptions = {}): Promise<RolloutStatus> {
    return this.command(endpoint, messages.retryUpdate, command, options);
  }

  /** Registers the search attributes with the namespace. Fails: ManualSetupRequired, SearchAttributeConflict. */
  async setup(): Promise<AttributeRegistration> {
    return registerAttributes(this.client);
  }

  private async command<C extends Command>(
    endpoint: string,
    update: UpdateDefinition<RolloutStatus, [C]>,
    command: C,
    { updateId }: CommandOptions,
  ): Promise<RolloutStatus> {
    const sent = await this.signing.sign(this.access, endpoint, update.name, command);
    return (await this.access.update(endpoint, update, sent, updateId)) ?? (await this.get(endpoint));
  }

  /** The way back must not be lost for want of a worker. */
  private async goBack(
    endpoint: string,
    update: UpdateDefinition<RolloutStatus, [Command]>,
    signal: SignalDefinition<[Command]>,
    command: Command,
    options: CommandOptions,
  ): Promise<RolloutStatus> {
    try {
      return await this.command(endpoint, update, command, options);
    } catch (error) {
      if (error instanceof NoWorker) {
        const sent = await this.signing.sign(this.access, endpoint, signal.name, command);
        await this.access.signal(endpoint, signal, sent);
      }
      throw error;
    }
  }

  private async statusOf(
    endpoint: string,
    description: Awaited<ReturnType<TemporalAccess['describe']>>,
    closed: boolean,
  ): Promise<RolloutStatus> {
    const { runId } = description;
    try {
      const limit = closed ? { seconds: endedSeconds } : {};
      return await this.access.query(endpoint, messages.statusQuery, { runId, ...limit });
    } catch (error) {
      if (!closed || !(error instanceof NoWorker)) throw error;
      return endedStatusOf(await this.access.result(endpoint, runId), description);
    }
  }

  private async whoRuns(endpoint: string): Promise<RolloutAlreadyRunning> {
    const { workflowId, runId, phase, startedBy } = rolloutSummaryOf(await this.access.describe(endpoint));
    return new RolloutAlreadyRunning(endpoint.toLowerCase(), workflowId, runId, phase, startedBy);
  }
}
