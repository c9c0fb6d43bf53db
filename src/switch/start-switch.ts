/** Assembles the switch from its configuration, its split source and its AWS clients. */
import { join, resolve } from 'node:path';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { SageMakerRuntimeClientConfig } from '@aws-sdk/client-sagemaker-runtime';
import { ArmMetrics } from './records/arm-metrics.js';
import { ArmPublisher } from './records/arm-publisher.js';
import { AwsAccess } from './sagemaker/aws-access.js';
import type { SwitchConfig } from './config-schema.js';
import { SplitFollower } from './split/follower.js';
import { Hooks } from './sagemaker/hooks.js';
import { Journal } from './records/jsonl-writer.js';
import type { SwitchLog } from './log.js';
import { OutcomeJoin } from './records/outcome-join.js';
import { RecordKeeper, restoreRecords } from './records/records.js';
import { SageMaker } from './sagemaker/sagemaker.js';
import type { RoutingParts } from './http/routes.js';
import { listenSwitch } from './http/server.js';
import type { SplitSource } from './split/split-source.js';
import { SplitStore } from './split/split-store.js';
import { SwitchMetrics } from './records/switch-metrics.js';

export interface SwitchSettings {
  config: SwitchConfig;
  source: SplitSource;
  /** Address and credentials of SageMaker Runtime. */
  runtime: SageMakerRuntimeClientConfig;
  cloudwatch: Pick<CloudWatchClient, 'send'>;
  /** Relative paths of the configuration start here. */
  folder: string;
  log: SwitchLog;
}

export interface SwitchCore {
  parts: RoutingParts;
  publisher: ArmPublisher | null;
  /** Writes pending records and sends metrics that are due. For a Lambda function, which runs no timers. */
  flush(): Promise<void>;
  /** Writes and sends everything that is pending. */
  close(): Promise<void>;
}

export interface RunningSwitch {
  url: string;
  port: number;
  /** Waits for requests in progress, then writes and sends everything that is pending. */
  stop(): Promise<void>;
}

/** Rejects if the state directory, the hooks or the AWS settings are unusable, or if the port is taken. */
export async function startSwitch(settings: SwitchSettings): Promise<RunningSwitch> {
  const { config } = settings;
  const core = await openSwitch(settings);
  core.parts.follower.start(config.endpoints);
  core.publisher?.start();
  const server = await listenSwitch(core.parts).catch(async (error: unknown) => {
    await core.close();
    throw error;
  });
  const stop = async () => {
    await server.stop(config.limits.drain);
    await core.close();
  };
  let stopped: Promise<void> | undefined;
  return {
    url: `http://${server.host}:${server.port}`,
    port: server.port,
    stop: () => (stopped ??= stop()),
  };
}

/** Everything except the listener and the timers, because a Lambda function has neither. */
export async function openSwitch(settings: SwitchSettings): Promise<SwitchCore> {
  const { config, source, folder, log } = settings;
  const state = resolve(folder, config.state);
  const store = await SplitStore.open(state, log);
  const { every, firstRead, idle, maxEndpoints } = config.follow;
  const follow = { everyMs: every, firstReadMs: firstRead, idleMs: idle, maxEndpoints };
  const follower = new SplitFollower({ source, store, log, ...follow });
  const sagemaker = new SageMaker(await AwsAccess.open(settings.runtime), {
    maxConnections: config.limits.connections,
    responseTimeoutMs: config.limits.response,
  });
  const metrics = new SwitchMetrics();
  const hooks =
    config.hooks === undefined ? null : await Hooks.load(config.hooks.module, folder, config.hooks.timeout);
  const records = await openRecords(settings, state);
  metrics.watch({
    followed: () => follower.states(),
    outcomesWaiting: () => records?.outcomes.size ?? 0,
    journalDropped: () => records?.journal.dropped ?? 0,
    publishFailures: () => records?.publisher?.failures ?? 0,
    publishDropped: () => records?.publisher?.dropped ?? 0,
  });
  return {
    parts: { config, follower, sagemaker, metrics, recorder: records?.keeper ?? null, hooks, log },
    publisher: records?.publisher ?? null,
    flush: async () => {
      // The journal itself counts and logs lines that it cannot write.
      await records?.journal.flush().catch(() => undefined);
      await store.flush();
      await records?.publisher?.publishIfDue();
    },
    close: async () => {
      follower.stop();
      await store.flush();
      await records?.publisher?.stop();
      await records?.journal.close();
      await sagemaker.close();
    },
  };
}

async function openRecords({ config, folder, log, cloudwatch }: SwitchSettings, state: string) {
  const { records } = config;
  if (records === undefined) return null;
  const file = records.file === undefined ? join(state, 'records.jsonl') : resolve(folder, records.file);
  const outcomes = new OutcomeJoin(records.join);
  const metrics = new ArmMetrics();
  await restoreRecords(file, { userId: records.userId, metrics, outcomes });
  const journal = await Journal.open(file, records.rotate, log);
  const { namespace = '', every: everyMs = 0, keep = 0 } = records.cloudwatch ?? {};
  const publisher =
    records.cloudwatch === undefined
      ? null
      : new ArmPublisher(cloudwatch, metrics, { namespace, everyMs, keep }, log);
  const keeper = new RecordKeeper({ userId: records.userId, journal, metrics, outcomes });
  return { keeper, journal, outcomes, publisher };
}
