/** Complete rollouts against an account at a given URL. */
import { setTimeout as delay } from 'node:timers/promises';
import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { IAMClient } from '@aws-sdk/client-iam';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { STSClient } from '@aws-sdk/client-sts';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { Worker } from '@temporalio/worker';
import { createActivities } from '../../src/activities/create-activities.js';
import { RolloutClient, type SpecJson } from '../../src/client.js';
import type { Emulator } from '../../src/emulator/emulator.js';
import type { Outcome } from '../../src/plan/outcome.js';
import { taskQueue } from '../../src/workflows/messages.js';
import { readStatus } from '../e2e/aws-account.js';
import { createModel, createOriginal } from '../e2e/live-endpoint.js';
import { newServe, specOf, trained } from '../e2e/specs.js';
import { devServer, eventually, openNamespace } from '../support/dev-server.js';
import { workflowBundle } from '../support/workflow-bundle.js';

/** By endpoint: start, spec fields and expected outcome of the rollout. */
const rollouts: Record<string, { live: boolean; fields: object; ends: Outcome }> = {
  'new-canary': {
    live: false,
    fields: {
      models: {
        baseline: trained('small'),
        candidate: trained('large'),
        register: { group: 'new-canary', approval: 'automatic' },
      },
      serve: newServe,
    },
    ends: 'promoted',
  },
  'sound-standard': { live: true, fields: { strategy: { standard: { bake: '10s' } } }, ends: 'promoted' },
  'broken-canary': { live: true, fields: {}, ends: 'rolledBack' },
  'broken-standard': { live: true, fields: { strategy: { standard: { bake: '10s' } } }, ends: 'rolledBack' },
};

export const expectedOutcomes = Object.fromEntries(
  Object.entries(rollouts).map(([endpoint, { ends }]) => [endpoint, ends]),
);

/** Runs all rollouts at once. All calls to AWS go through `url`. Returns the outcomes by endpoint. */
export async function runRollouts(emulator: Emulator, url: string): Promise<Record<string, Outcome>> {
  const config = { ...emulator.awsConfig, endpoint: url };
  const [sagemaker, cloudwatch] = [new SageMakerClient(config), new CloudWatchClient(config)];
  const runtime = new SageMakerRuntimeClient(config);
  const autoscaling = new ApplicationAutoScalingClient(config);
  const temporal = await openNamespace('shapes');
  const client = new RolloutClient(temporal);
  await eventually(async () => ((await client.setup()).added.length === 0 ? true : undefined));
  const worker = await Worker.create({
    connection: (await devServer()).native,
    namespace: temporal.options.namespace,
    taskQueue,
    workflowBundle: await workflowBundle(),
    activities: createActivities({
      ...{ sagemaker, cloudwatch, runtime, autoscaling },
      ...{ quotas: new ServiceQuotasClient(config), iam: new IAMClient(config), sts: new STSClient(config) },
      pollSeconds: 1,
    }),
    workflowThreadPoolSize: 1,
  });
  return worker.runUntil(async () => {
    const ended = Object.entries(rollouts).map(async ([endpoint, { live, fields }]) => {
      await emulator.setTraffic({ endpoint, requestsPerSecond: 40 });
      if (live) await putLive(sagemaker, endpoint);
      const outcome = await runOne(client, specOf(endpoint, fields));
      return [endpoint, outcome] as const;
    });
    return Object.fromEntries(await Promise.all(ended));
  });
}

async function runOne(client: RolloutClient, spec: SpecJson): Promise<Outcome> {
  const { endpoint } = await client.start(spec, { startedBy: 'ana' });
  return (await client.wait(endpoint)).outcome;
}

async function putLive(sagemaker: SageMakerClient, endpoint: string): Promise<void> {
  await createModel(sagemaker, `${endpoint}-1`);
  await createModel(sagemaker, `${endpoint}-2`);
  await createOriginal(sagemaker, endpoint);
  while ((await readStatus(sagemaker, endpoint)) !== 'InService') await delay(200);
}
