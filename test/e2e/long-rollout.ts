/** A rollout on a live endpoint, with the server's clock and the emulator's as one, skipping. */
import assert from 'node:assert/strict';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { createActivities } from '../../src/activities/create-activities.js';
import { startEmulator, type Emulator } from '../../src/emulator/emulator.js';
import { resourceNamesOf, type Names } from '../../src/plan/compiled/names.js';
import { rolloutIdOf } from '../../src/plan/compile/rollout-id.js';
import { timelineQuery, type RolloutResult, type TimelineEntry } from '../../src/workflows/messages.js';
import { timeSkipping, withWorker, type TestWorkerOptions } from '../support/time-skipping.js';
import { workflowBundle } from '../support/workflow-bundle.js';
import { readServed, readStatus, type Served } from './aws-account.js';
import { Publisher, type Published } from './publisher.js';
import { createModel, createOriginal } from './live-endpoint.js';
import { specOf } from './specs.js';

const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

export interface LongRollout {
  endpoint: string;
  /** Of the spec. */
  fields: object;
  /** A look costs real milliseconds, however much time is skipped before it. */
  lookHours: number;
  /** From then on, a tenth of the candidate's answers are errors. Days after the start. */
  turnsBadAfterDays?: number;
  /** Shares of the users who convert with the one model and with the other. */
  conversionRates?: { baseline: number; candidate: number };
  /** Where conversions are counted; the emulator's usual metrics unless given. */
  conversionMetric?: { namespace: string; name: string; per: string };
  /** The candidate's model; ENDPOINT-2 unless given. */
  candidate?: string;
  /** What others publish to CloudWatch, hour by hour. */
  publishes?: (rolloutId: string) => Published[];
  /** CloudWatch cannot be read between these days after the start. */
  metricsAway?: { from: number; to: number };
  /** What else happens, asked before every step of the clock. */
  meanwhile?: (moment: { emulator: Emulator; hours: number }) => Promise<void>;
}

export interface Story {
  result: RolloutResult;
  timeline: TimelineEntry[];
  names: Names;
  served: Served;
  days: number;
  historyEvents: number;
  /** What the latest look said while CloudWatch was away, look by look. */
  saidWhileAway: string[];
}

export async function tell(rollout: LongRollout): Promise<Story> {
  const env = await timeSkipping();
  const emulator = await startEmulator({ clock: { now: () => env.currentTimeMs() } });
  const sagemaker = new SageMakerClient(emulator.awsConfig);
  try {
    await putLive(emulator, sagemaker, rollout);
    return await withWorker(env, {
      options: await workerOptions(emulator, rollout),
      use: () => play(emulator, sagemaker, rollout),
    });
  } finally {
    sagemaker.destroy();
    await emulator.stop();
  }
}

async function play(emulator: Emulator, sagemaker: SageMakerClient, rollout: LongRollout): Promise<Story> {
  const env = await timeSkipping();
  const { endpoint } = rollout;
  const workflowId = `rollout:${endpoint}`;
  // Not the environment's own client: it lets the clock run free while it waits for a result.
  const { workflow } = new Client({ connection: env.connection });
  const handle = await workflow.start('rollout', {
    taskQueue: taskQueueOf(rollout),
    workflowId,
    memo: { startedBy: 'ana' },
    args: [specOf(endpoint, rollout.fields)],
  });
  const rolloutId = rolloutIdOf(endpoint, { workflowId, runId: handle.firstExecutionRunId });
  const publisher = new Publisher(emulator, rollout.publishes?.(rolloutId) ?? []);
  const saidWhileAway = await passTimeUntilEnded(handle, emulator, rollout, publisher);
  const result = (await handle.result()) as RolloutResult;
  const names = resourceNamesOf(rolloutId);
  const configs = [names.sideBySideConfig, names.singleConfig.candidate, `${endpoint}-original`];
  return {
    result,
    timeline: await handle.query(timelineQuery),
    names,
    served: await readServed(sagemaker, endpoint, configs),
    days: (Date.parse(result.endedAt) - Date.parse(result.startedAt)) / dayMs,
    historyEvents: (await handle.describe()).historyLength,
    saidWhileAway,
  };
}

/** In bounded steps: a clock left to itself jumps by years when for a moment nothing is due. */
async function passTimeUntilEnded(
  handle: WorkflowHandle,
  emulator: Emulator,
  { endpoint, lookHours, turnsBadAfterDays = Infinity, metricsAway, meanwhile }: LongRollout,
  publisher: Publisher,
): Promise<string[]> {
  const env = await timeSkipping();
  const said: string[] = [];
  const began = await env.currentTimeMs();
  while ((await handle.describe()).status.name === 'RUNNING') {
    const days = ((await env.currentTimeMs()) - began) / dayMs;
    if (days >= turnsBadAfterDays) await emulator.setBehaviour({ model: `${endpoint}-2`, errorRate: 0.1 });
    if (metricsAway) {
      const isAway = days >= metricsAway.from && days < metricsAway.to;
      await emulator.setMetricsOutage(isAway ? 'error' : null);
    }
    await meanwhile?.({ emulator, hours: days * 24 });
    // Ahead, as far as CloudWatch takes it: while time is skipped nobody else can.
    await publisher.publishUntil((await env.currentTimeMs()) + 2 * hourMs);
    await env.sleep(`${lookHours}h`);
    if (metricsAway && days >= metricsAway.from && days < metricsAway.to) said.push(await lastSaid(handle));
  }
  return said;
}

/** What the try before the next one ended with. */
async function lastSaid(handle: WorkflowHandle): Promise<string> {
  const { raw } = await handle.describe();
  return raw.pendingActivities?.[0]?.lastFailure?.message ?? '';
}

async function putLive(
  emulator: Emulator,
  sagemaker: SageMakerClient,
  { endpoint, conversionRates, conversionMetric, candidate = `${endpoint}-2` }: LongRollout,
): Promise<void> {
  const env = await timeSkipping();
  const models = { baseline: `${endpoint}-1`, candidate };
  for (const role of ['baseline', 'candidate'] as const) {
    const model = models[role];
    await createModel(sagemaker, model);
    if (conversionRates) {
      const counted = conversionMetric && { conversionMetric };
      await emulator.setBehaviour({ model, conversionRate: conversionRates[role], ...counted });
    }
  }
  await createOriginal(sagemaker, endpoint);
  await emulator.setTraffic({ endpoint, requestsPerSecond: 20 });
  await env.sleep('1m');
  assert.equal(await readStatus(sagemaker, endpoint), 'InService');
}

async function workerOptions(emulator: Emulator, rollout: LongRollout): Promise<TestWorkerOptions> {
  return {
    taskQueue: taskQueueOf(rollout),
    workflowBundle: await workflowBundle(),
    activities: createActivities({
      sagemaker: new SageMakerClient(emulator.awsConfig),
      runtime: new SageMakerRuntimeClient(emulator.awsConfig),
      cloudwatch: new CloudWatchClient(emulator.awsConfig),
      pollSeconds: rollout.lookHours * 3_600,
    }),
  };
}

function taskQueueOf({ endpoint }: LongRollout): string {
  return `long-${endpoint}`;
}
