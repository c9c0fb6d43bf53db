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

/** Bytes of packed metric points, newest first; a day of one endpoint of two variants takes about half a megabyte. */
const keptMetricBytes = 16 * 2 ** 20;
const keptHistoryItems = 5_000;

/** Programs and meters are started anew, and know nothing that is not in the state. */
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

/** Everything that the account is, but for the log of calls and responses that are held. */
function contentOf(world: AccountState) {
  const meters = new Map<string, MeterState>();
  for (const [name, { meter }] of world.endpoints) if (meter) meters.set(name, meter.toState());
  const { instanceLimits, capacity, scaling, staleReads } = world.sageMaker;
  return {
    time: world.time,
    startedAt: world.startedAt,
    randoms: new Map(Object.entries(world.randoms).map(([name, { position }]) => [name, position])),
    models: world.models,
    endpointConfigs: world.endpointConfigs,
    endpoints: world.endpoints,
    meters,
    trainingJobs: world.trainingJobs,
    packageGroups: world.packageGroups,
    packages: world.packages,
    tags: world.tags,
    sageMaker: { instanceLimits, capacity, scaling, staleReadsMs: staleReads.lagMs },
    metrics: world.metrics.toState(keptMetricBytes),
    invocations: world.invocations.toState(keptMetricBytes),
    partialMetrics: world.metrics.partial,
    alarms: world.alarms,
    alarmHistory: world.alarmHistory.all.slice(-keptHistoryItems),
    behaviours: world.behaviours.list(),
    traffic: world.traffic.list(),
    faults: world.faults.toState(),
    outages: world.outages.toState(),
  };
}
type Content = ReturnType<typeof contentOf>;

export function captureWorld(world: AccountState): Graph {
  return encodeGraph(contentOf(world), [...leftOut.map(nothing), ...codecs]);
}

/**
 * Makes a new world what the captured one was, at the captured one's time, and goes on with all that was under way.
 * Behaviours and traffic that the world was made with go before the captured ones.
 */
export function restoreWorld(world: AccountState, graph: Graph): void {
  const content = decodeGraph(graph, [...leftOut.map(nothing), ...codecs]) as Content;
  world.time = content.time;
  world.startedAt = content.startedAt;
  for (const [name, position] of content.randoms) world.randoms[name]?.moveTo(position);
  restoreResources(world, content);
  restoreSettings(world, content);
  resumeLifeCycles(world);
  for (const [name, state] of content.meters) world.endpoints.get(name)?.meter?.restore(state);
  for (const alarm of world.alarms.values()) if (alarm.kind === 'metric') scheduleEvaluation(world, alarm);
}

function restoreResources(world: AccountState, content: Content): void {
  copy(content.models, world.models);
  copy(content.endpointConfigs, world.endpointConfigs);
  copy(content.endpoints, world.endpoints);
  copy(content.trainingJobs, world.trainingJobs);
  copy(content.packageGroups, world.packageGroups);
  copy(content.packages, world.packages);
  copy(content.tags, world.tags);
  copy(content.alarms, world.alarms);
  world.alarmHistory.restore(content.alarmHistory);
  world.metrics.restore(content.metrics);
  world.invocations.restore(content.invocations);
  world.metrics.partial ??= content.partialMetrics;
}

function restoreSettings(
  world: AccountState,
  { sageMaker, behaviours, traffic, faults, outages }: Content,
): void {
  copy(sageMaker.instanceLimits, world.sageMaker.instanceLimits);
  copy(sageMaker.capacity, world.sageMaker.capacity);
  copy(sageMaker.scaling, world.sageMaker.scaling);
  world.sageMaker.staleReads.lagMs = sageMaker.staleReadsMs;
  for (const each of [...behaviours, ...world.options.behaviours]) world.behaviours.set(each);
  for (const each of [...traffic, ...world.options.traffic]) world.traffic.set(each);
  world.faults.restore(faults);
  world.outages.restore(outages);
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
