import { resumeScheduledActions } from '../application-auto-scaling/schedules/run-scheduled-action.js';
import { scheduleEvaluation } from '../cloudwatch/alarms/alarm-evaluation.js';
import { Distribution } from '../cloudwatch/metrics/distribution.js';
import { distributionCodec } from '../cloudwatch/metrics/point-codec.js';
import { ModelServer } from '../programs/model-server.js';
import { resumeLifeCycles } from '../sagemaker/resume.js';
import { Meter } from '../traffic/meter.js';
import type { MeterState } from '../traffic/traffic-meter.js';
import { InvocationTally } from '../traffic/tally.js';
import type { AccountState } from '../account/account-state.js';
import { type Codec, decodeGraph, encodeGraph, type Graph } from './graph.js';

/** Max bytes of packed metric points, newest first. A day of an endpoint with two variants takes about 0.5 MB. */
const keptMetricBytes = 16 * 2 ** 20;
const keptHistoryItems = 5_000;

/** The codecs of the state. Programs and meters are not part of it: they are started again. */
const codecs: Codec<object>[] = [
  codec(
    'distribution',
    Distribution,
    (values) => distributionCodec.encode([{ start: 0, values }]),
    readDistribution,
  ),
  codec(
    'tally',
    InvocationTally,
    (tally) => ({ ...tally }),
    (members: object) => Object.assign(new InvocationTally(), members),
  ),
];
const leftOut = [ModelServer, Meter];

/** The content of the account, without the log of calls and without held requests. */
function contentOf(account: AccountState) {
  const meters = new Map<string, MeterState>();
  for (const [name, { meter }] of account.endpoints) if (meter) meters.set(name, meter.toState());
  const { instanceLimits, capacity, staleReads } = account.sageMaker;
  return {
    time: account.time,
    startedAt: account.startedAt,
    randoms: new Map(Object.entries(account.randoms).map(([name, { position }]) => [name, position])),
    models: account.models,
    endpointConfigs: account.endpointConfigs,
    endpoints: account.endpoints,
    meters,
    trainingJobs: account.trainingJobs,
    packageGroups: account.packageGroups,
    packages: account.packages,
    tags: account.tags,
    scaling: { targets: account.scaling.targets, activities: account.scaling.activities },
    sageMaker: { instanceLimits, capacity, staleReadsMs: staleReads.lagMs },
    metrics: account.metrics.toState(keptMetricBytes),
    invocations: account.invocations.toState(keptMetricBytes),
    instances: account.instances.toState(),
    partialMetrics: account.metrics.partial,
    logs: account.logs.toState(),
    alarms: account.alarms,
    alarmHistory: account.alarmHistory.all.slice(-keptHistoryItems),
    behaviours: account.behaviours.list(),
    traffic: account.traffic.list(),
    faults: account.faults.toState(),
    outages: account.outages.toState(),
  };
}
type Content = ReturnType<typeof contentOf>;

export function captureAccount(account: AccountState): Graph {
  return encodeGraph(contentOf(account), [...leftOut.map(nothing), ...codecs]);
}

/**
 * Restores the captured account, with its time, into a new one, and continues everything that was in progress.
 * Behaviours and traffic from the options of the new account take precedence over the captured ones.
 */
export function restoreAccount(account: AccountState, graph: Graph): void {
  const content = decodeGraph(graph, [...leftOut.map(nothing), ...codecs]) as Content;
  account.time = content.time;
  account.startedAt = content.startedAt;
  for (const [name, position] of content.randoms) account.randoms[name]?.moveTo(position);
  restoreResources(account, content);
  restoreSettings(account, content);
  resumeLifeCycles(account);
  resumeScheduledActions(account);
  for (const [name, state] of content.meters) account.endpoints.get(name)?.meter?.restore(state);
  for (const alarm of account.alarms.values())
    if (alarm.kind === 'metric') scheduleEvaluation(account, alarm);
}

function restoreResources(account: AccountState, content: Content): void {
  copy(content.models, account.models);
  copy(content.endpointConfigs, account.endpointConfigs);
  copy(content.endpoints, account.endpoints);
  copy(content.trainingJobs, account.trainingJobs);
  copy(content.packageGroups, account.packageGroups);
  copy(content.packages, account.packages);
  copy(content.tags, account.tags);
  copy(content.alarms, account.alarms);
  copy(content.scaling.targets, account.scaling.targets);
  account.scaling.activities = content.scaling.activities;
  account.alarmHistory.restore(content.alarmHistory);
  // These two are absent in states that earlier versions saved.
  if (content.instances) account.instances.restore(content.instances);
  if (content.logs) account.logs.restore(content.logs);
  account.metrics.restore(content.metrics);
  account.invocations.restore(content.invocations);
  account.metrics.partial ??= content.partialMetrics;
}

function restoreSettings(
  account: AccountState,
  { sageMaker, behaviours, traffic, faults, outages }: Content,
): void {
  copy(sageMaker.instanceLimits, account.sageMaker.instanceLimits);
  copy(sageMaker.capacity, account.sageMaker.capacity);
  account.sageMaker.staleReads.lagMs = sageMaker.staleReadsMs;
  for (const each of [...behaviours, ...account.options.behaviours]) account.behaviours.set(each);
  for (const each of [...traffic, ...account.options.traffic]) account.traffic.set(each);
  account.faults.restore(faults);
  account.outages.restore(outages);
}

function copy<Key, Value>(from: Map<Key, Value>, to: Map<Key, Value>): void {
  for (const [key, value] of from) to.set(key, value);
}

function codec<Instance extends object, Plain>(
  name: string,
  type: Codec<Instance>['type'],
  encode: (instance: Instance) => Plain,
  decode: (plain: Plain) => Instance,
): Codec<object> {
  return { name, type, encode, decode };
}

function nothing(type: typeof ModelServer | typeof Meter): Codec<object> {
  return { name: `no ${type.name}`, type, encode: () => null, decode: () => null as never };
}

function readDistribution(bytes: Uint8Array): Distribution {
  return distributionCodec.decode(bytes)[0]?.values ?? new Distribution();
}
