/** Waves: start, follow and command rollouts of many endpoints. */
import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError, type UpdateDefinition } from '@temporalio/common';
import { abortSignal, attributes, type Command } from '../workflows/messages.js';
import * as messages from '../workflows/waves/messages.js';
import type { WaveRollout, WavesEntry, WavesResult, WavesStatus } from '../workflows/waves/messages.js';
import { CommandSender } from './command-sender.js';
import { RolloutNotFound, WavesAlreadyRunning, WavesEndedAbnormally, WavesNotFound } from './errors.js';
import type { CommandSigner } from './signing.js';
import { rolloutSummaryOf } from './rollouts/rollout-summary.js';
import { startOptionsOfWaves, type StartedBy, type WavesJson } from './start-options.js';
import { TemporalAccess, type WorkflowKind } from './temporal/temporal-access.js';
import { explainFailure, serverOf } from './temporal/temporal-failures.js';

export interface StartedWaves {
  name: string;
  workflowId: string;
  runId: string;
}

/** `phase` and `candidateWeight` (percent): of the rollout itself. Null if it is not running. */
export type LiveWaveRollout = WaveRollout & { phase: string | null; candidateWeight: number | null };

export type LiveWaves = Omit<WavesStatus, 'rollouts'> & { rollouts: LiveWaveRollout[] };

const waves: WorkflowKind = {
  workflowIdOf: messages.wavesWorkflowIdOf,
  notFound: (name) => new WavesNotFound(name),
  endedAbnormally: (name, how, cause) => new WavesEndedAbnormally(name, how, cause),
  endedMessage: 'the waves have already ended',
  rollbackAdvice: (_name, _client, { typedSearchAttributes }) =>
    Promise.resolve(
      typedSearchAttributes.get(attributes.outcome) === 'promoted'
        ? 'to roll back, start a reverse rollout of each endpoint: `penstock reverse ENDPOINT`'
        : null,
    ),
};

/** All methods fail with TemporalUnreachable or TemporalRejected too; those of one name with WavesNotFound. */
export class WavesClient {
  private readonly access: TemporalAccess;
  private readonly commands: CommandSender;

  constructor(
    private readonly client: Client,
    answerSeconds: number,
    private readonly rollouts: TemporalAccess,
    signing: CommandSigner,
  ) {
    this.access = new TemporalAccess(client, answerSeconds, waves);
    this.commands = new CommandSender(this.access, signing, answerSeconds);
  }

  close(): void {
    this.access.close();
  }

  /** `spec`: the content of the spec file as JSON. Fails: WavesAlreadyRunning, SpecTooLarge. */
  async start(spec: WavesJson, started: StartedBy): Promise<StartedWaves> {
    const options = startOptionsOfWaves(spec, started);
    try {
      const { workflowId, firstExecutionRunId } = await this.client.workflow.start(
        messages.wavesWorkflowType,
        options,
      );
      return { name: spec.name.toLowerCase(), workflowId, runId: firstExecutionRunId };
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError))
        throw explainFailure(error, serverOf(this.client));
      const { startedBy: by, workflowId } = rolloutSummaryOf(await this.access.describe(spec.name));
      throw new WavesAlreadyRunning(spec.name.toLowerCase(), workflowId, by);
    }
  }

  /** Waits for the end, through outages of Temporal. Without `runId`: the latest run. Fails: WavesEndedAbnormally. */
  async wait(name: string, { runId }: { runId?: string } = {}): Promise<WavesResult> {
    return this.access.result<WavesResult>(name, runId);
  }

  /** The status of the waves and of each running rollout. Fails: NoWorker, WavesEndedAbnormally. */
  async get(name: string): Promise<LiveWaves> {
    const status = await this.access.query(name, messages.wavesStatusQuery);
    return {
      ...status,
      rollouts: await Promise.all(status.rollouts.map((rollout) => this.describe(rollout))),
    };
  }

  /** Fails: NoWorker. */
  async timeline(name: string): Promise<WavesEntry[]> {
    return this.access.query(name, messages.wavesTimelineQuery);
  }

  /**
   * Starts no further wave and rolls back running rollouts. Fails: CommandRejected, NoWorker. Without a worker,
   * Temporal keeps the abort as a signal, and the next worker applies it.
   */
  async abort(name: string, command: Command): Promise<WavesStatus> {
    const { abortWavesUpdate } = messages;
    const status = await this.commands.sendOrKeep(name, abortWavesUpdate, abortSignal, command);
    return status ?? (await this.get(name));
  }

  /** Starts no further wave until `resume`. Fails: CommandRejected, NoWorker. */
  async pause(name: string, command: Command): Promise<WavesStatus> {
    return this.command(name, messages.pauseWavesUpdate, command);
  }

  /** Fails: CommandRejected, NoWorker. */
  async resume(name: string, command: Command): Promise<WavesStatus> {
    return this.command(name, messages.resumeWavesUpdate, command);
  }

  private async command(
    name: string,
    update: UpdateDefinition<WavesStatus, [Command]>,
    command: Command,
  ): Promise<WavesStatus> {
    return (await this.commands.send(name, update, command)) ?? (await this.get(name));
  }

  private async describe(rollout: WaveRollout): Promise<LiveWaveRollout> {
    const { state, endpoint } = rollout;
    if (state !== 'running' && state !== 'rollbackWindow')
      return { ...rollout, phase: null, candidateWeight: null };
    try {
      const { phase, candidateWeight } = rolloutSummaryOf(await this.rollouts.describe(endpoint));
      return { ...rollout, phase, candidateWeight };
    } catch (error) {
      if (!(error instanceof RolloutNotFound)) throw error;
      return { ...rollout, phase: null, candidateWeight: null };
    }
  }
}
