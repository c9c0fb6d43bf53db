/** A rollout of days or weeks on a live endpoint, in the simulation. */
import type { Notification } from '../../src/activities/interface/notifications.js';
import { resourceNamesOf, type Names } from '../../src/plan/compiled/names.js';
import { rolloutIdOf } from '../../src/plan/compile/rollout-id.js';
import type { Simulation } from '../../src/simulation/simulation.js';
import { timelineQuery, type RolloutResult, type TimelineEntry } from '../../src/workflows/messages.js';
import { openWithEndpoint } from '../simulation/simulated-account.js';
import { readServed, type Served } from './aws-account.js';
import { createModel } from './live-endpoint.js';
import { startPublisher, type Published } from './publisher.js';
import { specOf } from './specs.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Until the first users' conversions are in CloudWatch. */
const firstMetricsMs = 10 * 60_000;

/** An SNS topic that records the notifications of the rollout. */
export const topicArn = 'arn:aws:sns:us-east-1:123456789012:rollouts';

/** Something that happens in the account. */
export interface AccountEvent {
  /** After the start. */
  afterHours: number;
  happen: (simulation: Simulation) => Promise<void>;
}

export interface LongRollout {
  endpoint: string;
  /** Fields of the spec. */
  fields: object;
  /** Milliseconds since the epoch. Default: start of the simulation. */
  startMs?: number;
  /** Fraction of the users who convert, for each model. */
  conversionRates?: { baseline: number; candidate: number };
  /** The metric that counts conversions; default: the emulator's default metrics. */
  conversionMetric?: { namespace: string; name: string; per: string };
  /** The candidate's model; default: ENDPOINT-2. */
  candidate?: string;
  /** Hourly sums that other publishers send to CloudWatch. */
  publishes?: (rolloutId: string) => Published[];
  /** Hours after the start between which CloudWatch cannot be read. */
  metricsOutage?: { from: number; to: number };
  events?: AccountEvent[];
}

export interface LongRolloutRecord {
  result: RolloutResult;
  timeline: TimelineEntry[];
  names: Names;
  served: Served;
  days: number;
  historyEvents: number;
  /** The message of the latest poll, at the end of each hour of the CloudWatch outage. */
  messagesInOutage: string[];
  /** Notifications to the topic, in order. */
  notifications: Notification[];
}

export async function runLongRollout(rollout: LongRollout): Promise<LongRolloutRecord> {
  const { endpoint, startMs } = rollout;
  const simulation = await openWithEndpoint(endpoint, {
    leaveOutIdlePolls: true,
    // The windows of these rollouts have at least an hour, and a deployment has at least half of one.
    idlePollSeconds: 1_200,
    ...(startMs === undefined ? {} : { startMs }),
  });
  try {
    await prepareModels(simulation, rollout);
    return await run(simulation, rollout);
  } finally {
    await simulation.close();
  }
}

async function run(simulation: Simulation, rollout: LongRollout): Promise<LongRolloutRecord> {
  const { aws, publications, temporal } = simulation;
  const { endpoint, publishes, events = [] } = rollout;
  const handle = simulation.startRollout(specOf(endpoint, rollout.fields));
  const { workflowId } = handle;
  const { runId } = await handle.describe();
  const rolloutId = rolloutIdOf(endpoint, { workflowId, runId });
  if (publishes) await startPublisher(simulation, publishes(rolloutId));
  const startMs = temporal.clock.nowMs;
  for (const { afterHours, happen } of events)
    temporal.clock.at(startMs + afterHours * hourMs, () => happen(simulation));
  const messagesInOutage = scheduleOutage(simulation, rollout);
  const result = (await handle.result()) as RolloutResult;
  await temporal.latest(workflowId).replay();
  const names = resourceNamesOf(rolloutId);
  const configs = [names.sideBySideConfig, names.singleConfig.candidate, `${endpoint}-original`];
  return {
    result,
    timeline: await handle.query(timelineQuery),
    names,
    served: await readServed(aws.sagemaker, endpoint, configs),
    days: (Date.parse(result.endedAt) - Date.parse(result.startedAt)) / dayMs,
    historyEvents: (await handle.describe()).historyLength,
    messagesInOutage,
    notifications: publications.map(({ message }) => JSON.parse(message) as Notification),
  };
}

async function prepareModels(simulation: Simulation, rollout: LongRollout): Promise<void> {
  const { aws, emulator, temporal } = simulation;
  const { endpoint, conversionRates, conversionMetric, candidate = `${endpoint}-2` } = rollout;
  if (candidate !== `${endpoint}-2`) await createModel(aws.sagemaker, candidate);
  if (!conversionRates) return;
  const counted = conversionMetric && { conversionMetric };
  const models = { baseline: `${endpoint}-1`, candidate };
  for (const role of ['baseline', 'candidate'] as const)
    await emulator.setBehaviour({ model: models[role], conversionRate: conversionRates[role], ...counted });
  await temporal.skip(firstMetricsMs);
}

/** Returns the list that `messagesInOutage` is. */
function scheduleOutage(
  { emulator, temporal }: Simulation,
  { endpoint, metricsOutage }: LongRollout,
): string[] {
  const messages: string[] = [];
  if (metricsOutage === undefined) return messages;
  const { clock } = temporal;
  const { from, to } = metricsOutage;
  const startMs = clock.nowMs;
  const at = (hour: number, work: () => void | Promise<void>) => clock.at(startMs + hour * hourMs, work);
  at(from, () => emulator.setMetricsOutage('error'));
  for (let hour = from + 1; hour <= to; hour++)
    at(hour, () => {
      const [activity] = temporal.latest(`rollout:${endpoint}`).pendingActivities;
      messages.push(activity?.lastFailure?.message ?? '');
    });
  at(to, () => emulator.setMetricsOutage(null));
  return messages;
}
