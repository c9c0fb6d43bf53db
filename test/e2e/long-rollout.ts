/** A rollout on a live endpoint. Server and emulator share one clock, which skips time. */
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
  /** Fields of the spec. */
  fields: object;
  /** Poll interval. Each poll costs real milliseconds, however much time is skipped before it. */
  pollHours: number;
  /** Days after the start. From then on, a tenth of the candidate's responses are errors. */
  turnsBadAfterDays?: number;
  /** Fraction of the users who convert, for each model. */
  conversionRates?: { baseline: number; candidate: number };
  /** The metric that counts conversions; default: the emulator's default metrics. */
  conversionMetric?: { namespace: string; name: string; per: string };
  /** The candidate's model; default: ENDPOINT-2. */
  candidate?: string;
  /** Hourly sums that other publishers send to CloudWatch. */
  publishes?: (rolloutId: string) => Published[];
  /** Days after the start between which CloudWatch cannot be read. */
  metricsOutage?: { from: number; to: number };
  /** Runs before every step of the clock. */
  meanwhile?: (moment: { emulator: Emulator; hours: number }) => Promise<void>;
}

export interface LongRolloutRecord {
  result: RolloutResult;
  timeline: TimelineEntry[];
  names: Names;
  served: Served;
  days: number;
  historyEvents: number;
  /** The message of the latest poll, for each poll during the CloudWatch outage. */
  messagesInOutage: string[];
}

export async function runLongRollout(rollout: LongRollout): Promise<LongRolloutRecord> {
  const env = await timeSkipping();
  const emulator = await startEmulator({ clock: { now: () => env.currentTimeMs() } });
  const sagemaker = new SageMakerClient(emulator.awsConfig);
  try {
    await putLive(emulator, sagemaker, rollout);
    return await withWorker(env, {
      options: await workerOptions(emulator, rollout),
      use: () => run(emulator, sagemaker, rollout),
    });
  } finally {
    sagemaker.destroy();
    await emulator.stop();
  }
}

async function run(
  emulator: Emulator,
  sagemaker: SageMakerClient,
  rollout: LongRollout,
): Promise<LongRolloutRecord> {
  const env = await timeSkipping();
  const { endpoint } = rollout;
  const workflowId = `rollout:${endpoint}`;
  // The environment's own client must not be used: it lets the clock run freely while it waits for a result.
  const { workflow } = new Client({ connection: env.connection });
  const handle = await workflow.start('rollout', {
    taskQueue: taskQueueOf(rollout),
    workflowId,
    memo: { startedBy: 'ana' },
    args: [specOf(endpoint, rollout.fields)],
  });
  const rolloutId = rolloutIdOf(endpoint, { workflowId, runId: handle.firstExecutionRunId });
  const publisher = new Publisher(emulator, rollout.publishes?.(rolloutId) ?? []);
  const messagesInOutage = await skipTimeUntilEnded(handle, emulator, rollout, publisher);
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
    messagesInOutage,
  };
}

/** Skips time in bounded steps: without steps the clock jumps by years if no timer is due for a moment. */
async function skipTimeUntilEnded(
  handle: WorkflowHandle,
  emulator: Emulator,
  { endpoint, pollHours, turnsBadAfterDays = Infinity, metricsOutage, meanwhile }: LongRollout,
  publisher: Publisher,
): Promise<string[]> {
  const env = await timeSkipping();
  const messages: string[] = [];
  const startMs = await env.currentTimeMs();
  while ((await handle.describe()).status.name === 'RUNNING') {
    const days = ((await env.currentTimeMs()) - startMs) / dayMs;
    if (days >= turnsBadAfterDays) await emulator.setBehaviour({ model: `${endpoint}-2`, errorRate: 0.1 });
    const isOutage = metricsOutage !== undefined && days >= metricsOutage.from && days < metricsOutage.to;
    if (metricsOutage) await emulator.setMetricsOutage(isOutage ? 'error' : null);
    await meanwhile?.({ emulator, hours: days * 24 });
    // Published ahead, as far as CloudWatch accepts it: no publisher can act while time is skipped.
    await publisher.publishUntil((await env.currentTimeMs()) + 2 * hourMs);
    await env.sleep(`${pollHours}h`);
    if (isOutage) messages.push(await lastFailureMessage(handle));
  }
  return messages;
}

/** The failure message of the previous attempt. */
async function lastFailureMessage(handle: WorkflowHandle): Promise<string> {
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
      pollSeconds: rollout.pollHours * 3_600,
    }),
  };
}

function taskQueueOf({ endpoint }: LongRollout): string {
  return `long-${endpoint}`;
}
