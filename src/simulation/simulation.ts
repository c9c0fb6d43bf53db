/**
 * A world in one process: Temporal, a worker with the real workflows and activities, and an AWS account, on one clock and
 * of one seed.
 */
import { autoHeartbeat } from '../activities/temporal/auto-heartbeat.js';
import { createActivities, defaultPollSeconds, type ActivityDeps } from '../activities/create-activities.js';
import {
  startOptionsOf,
  startOptionsOfWaves,
  type SpecJson,
  type WavesJson,
} from '../client/start-options.js';
import { openInProcess, type InProcessEmulator, type InProcessOptions } from '../emulator/in-process.js';
import { createClients, type SimulatedClients } from './aws/clients.js';
import { requestHandlerOf, type Network } from './aws/request-handler.js';
import { topicHandlerOf, type Publication } from './aws/topics.js';
import { SimulatedClock } from './clock.js';
import { IdlePolls, idleSeconds } from './idle-polls.js';
import { JoinedPolls, type PollSpan } from './joined-polls.js';
import { SeededRandom } from './random.js';
import type { WorkflowSandbox } from './temporal/sdk.js';
import { defaultStartMs, SimulatedTemporal, type SimulatedHandle } from './temporal/simulated-temporal.js';

export interface SimulationOptions {
  /** May be shared by many simulations. */
  sandbox: WorkflowSandbox;
  /** Default: 1. */
  seed?: number;
  /** Milliseconds since the epoch. Default: 2026-01-01. */
  startMs?: number;
  /** The account and what happens in it. Its durations default to those of real endpoints. */
  account?: Omit<InProcessOptions, 'clock' | 'seed'>;
  network?: Partial<Network>;
  /** Time between two polls of the same object. Default: as workers have it. */
  pollSeconds?: number;
  /** Leaves out polls that would see nothing new, for simulations of weeks. Default: false. */
  leaveOutIdlePolls?: boolean;
  /** Longest time without a poll, if idle ones are left out. A window whose data is late waits as long. Default: 300. */
  idlePollSeconds?: number;
  /**
   * One poll of a steady watch stands for many, except in these spans (see JoinedPolls). Only together with
   * `leaveOutIdlePolls`. Default: null, polls are made at every window.
   */
  joinPollsExcept?: readonly PollSpan[] | null;
  /** The environment of the worker: addresses and secrets that specs name. Default: empty. */
  env?: ActivityDeps['env'];
  /** The network beyond AWS. Default: no host can be reached. */
  fetch?: typeof fetch;
  actorKeys?: ActivityDeps['actorKeys'];
}

export class Simulation {
  private constructor(
    readonly temporal: SimulatedTemporal,
    readonly emulator: InProcessEmulator,
    readonly network: Network,
    /** For calls to AWS by tests and other people. */
    readonly aws: SimulatedClients,
    readonly publications: readonly Publication[],
    private readonly joined: JoinedPolls | null,
  ) {}

  static async open(options: SimulationOptions): Promise<Simulation> {
    const {
      sandbox,
      seed = 1,
      network: given = {},
      account = {},
      pollSeconds = defaultPollSeconds,
      leaveOutIdlePolls = false,
      idlePollSeconds = idleSeconds,
      joinPollsExcept = null,
      env = {},
      actorKeys,
    } = options;
    const random = new SeededRandom(seed);
    const network: Network = { latencyMs: 0, ...given };
    const publications: Publication[] = [];
    const clock = new SimulatedClock(options.startMs ?? defaultStartMs);
    const emulator = await openInProcess({
      ...{ pace: 'real', ...account },
      clock: { now: () => clock.nowMs },
      seed: random.nextWord(),
    });
    const topics = topicHandlerOf(clock, publications);
    const clientsOf = (throughNetwork: Network) =>
      createClients({ aws: requestHandlerOf(emulator, throughNetwork), topics }, emulator.region);
    const joined = joinPollsExcept === null ? null : new JoinedPolls(joinPollsExcept);
    const temporal = new SimulatedTemporal({
      times: joined ?? undefined,
      ...{ sandbox, clock, seed: random.nextWord() },
      createActivities: () =>
        createActivities({
          ...clientsOf(network),
          env,
          pollSeconds: leaveOutIdlePolls ? Math.max(pollSeconds, idlePollSeconds) : pollSeconds,
          ...(actorKeys === undefined ? {} : { actorKeys }),
        }),
      interceptors: autoHeartbeat.interceptors?.activity ?? [],
      ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
    });
    if (leaveOutIdlePolls) {
      const polls = new IdlePolls(temporal, emulator, pollSeconds * 1000);
      temporal.beforeStep = (untilMs) => polls.advance(untilMs);
    }
    return new Simulation(temporal, emulator, network, clientsOf({ latencyMs: 0 }), publications, joined);
  }

  /** With joined polls: the first span that must be played with every poll. Null: there is none so far. */
  get unclear(): PollSpan | null {
    return this.joined?.unclear ?? null;
  }

  /** Starts a rollout as the client does. Nothing happens before simulated time is driven. */
  startRollout(spec: SpecJson, startedBy = 'pipeline'): SimulatedHandle {
    const { workflowId, memo = {}, args = [] } = startOptionsOf(spec, { startedBy });
    return this.temporal.start('rollout', { workflowId, memo, args: args as unknown[] });
  }

  startWaves(spec: WavesJson, startedBy = 'pipeline'): SimulatedHandle {
    const { workflowId, memo = {}, args = [] } = startOptionsOfWaves(spec, { startedBy });
    return this.temporal.start('rolloutWaves', { workflowId, memo, args: args as unknown[] });
  }

  close(): Promise<void> {
    return this.temporal.close();
  }
}
