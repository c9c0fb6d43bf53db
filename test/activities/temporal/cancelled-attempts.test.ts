/**
 * AWS carries out the request of a cancelled attempt. So the attempt ends only after the request has arrived.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { DescribeTrainingJobCommand, ListTrainingJobsCommand } from '@aws-sdk/client-sagemaker';
import type { DesiredDeployment } from '../../../src/activities/interface/deployment.js';
import { candidateVariant, rolloutId, variantsTraffic } from '../endpoint/arms.js';
import { role, ActivityTestEnvironment, variantOf } from '../activity-environment.js';
import {
  jobName,
  manualRegistration,
  registration,
  trainedModel,
  training,
} from '../models/training-plan.js';

const instanceType = 'ml.m5.large';
const main = { name: 'main', modelName: 'digits-v1', instanceType, count: 2, weight: 100 };
const candidate = { name: candidateVariant, modelName: 'digits-v2', instanceType, count: 1, weight: 0 };
const both: DesiredDeployment = {
  configName: `${rolloutId}-ab`,
  owned: true,
  base: { ProductionVariants: [variantOf('main', 'digits-v1')] },
  copies: null,
  replaces: null,
  createsEndpoint: false,
  variants: [main, candidate],
  shadow: null,
  metricPeriodSeconds: 60,
  scaling: null,
  tags: { config: {}, endpoint: {} },
};
const original: DesiredDeployment = { ...both, configName: 'digits-config', owned: false, variants: [main] };
const first: DesiredDeployment = { ...both, base: null, createsEndpoint: true };
const target = { rolloutId, endpoint: 'digits' };

const deploy = (testEnv: ActivityTestEnvironment, deployment: DesiredDeployment) =>
  testEnv.start('deploy', { ...target, deployment });
const register = (testEnv: ActivityTestEnvironment) => testEnv.start('registerModel', registration);
const train = (testEnv: ActivityTestEnvironment) =>
  testEnv.start('trainModel', { rolloutId, model: trainedModel, tags: {} });
const deployBoth = (testEnv: ActivityTestEnvironment) =>
  testEnv.run('deploy', { ...target, deployment: both });

/** Each mutating operation, with an activity that calls it. */
const mutations: {
  operation: string;
  prepare?: (testEnv: ActivityTestEnvironment) => Promise<unknown>;
  start: (testEnv: ActivityTestEnvironment) => { once: (unwanted: Promise<void>) => Promise<unknown> };
}[] = [
  { operation: 'CreateTrainingJob', start: train },
  {
    operation: 'StopTrainingJob',
    prepare: (testEnv) => train(testEnv).once(),
    start: (testEnv) => testEnv.start('stopTraining', { jobName }),
  },
  { operation: 'CreateModelPackageGroup', start: register },
  { operation: 'CreateModelPackage', start: register },
  {
    operation: 'UpdateModelPackage',
    start: (testEnv) => {
      const made = testEnv.start('registerModel', manualRegistration);
      return { once: async (unwanted) => (await made.once(), register(testEnv).once(unwanted)) };
    },
  },
  {
    operation: 'CreateModel',
    start: (testEnv) =>
      testEnv.start('createModel', {
        rolloutId,
        modelName: jobName,
        role,
        source: { image: training.servingImage, artefact: registration.artefact },
        network: {},
        tags: {},
      }),
  },
  { operation: 'CreateEndpointConfig', start: (testEnv) => deploy(testEnv, both) },
  { operation: 'UpdateEndpoint', start: (testEnv) => deploy(testEnv, both) },
  {
    operation: 'CreateEndpoint',
    start: (testEnv) => testEnv.start('deploy', { rolloutId, endpoint: 'fresh', deployment: first }),
  },
  {
    operation: 'UpdateEndpointWeightsAndCapacities',
    prepare: deployBoth,
    start: (testEnv) =>
      testEnv.start('setWeights', {
        traffic: variantsTraffic(both.configName),
        weights: { baseline: 50, candidate: 50 },
      }),
  },
  {
    operation: 'UpdateEndpointWeightsAndCapacities',
    prepare: deployBoth,
    start: (testEnv) =>
      testEnv.start('setCounts', {
        traffic: variantsTraffic(both.configName),
        counts: { baseline: null, candidate: { atLeast: 2 } },
      }),
  },
  {
    operation: 'DeleteEndpointConfig',
    prepare: async (testEnv) => {
      await deployBoth(testEnv);
      await testEnv.run('deploy', { ...target, deployment: original });
    },
    start: (testEnv) => testEnv.start('deleteConfig', { ...target, configName: both.configName }),
  },
  {
    operation: 'DeleteEndpoint',
    prepare: (testEnv) => testEnv.run('deploy', { rolloutId, endpoint: 'fresh', deployment: first }),
    start: (testEnv) => testEnv.start('deleteEndpoint', { rolloutId, endpoint: 'fresh' }),
  },
];

describe('cancelled attempts', () => {
  let testEnv: ActivityTestEnvironment;
  beforeEach(async () => {
    testEnv = await ActivityTestEnvironment.open({ pace: { training: 300 } });
    await testEnv.putModel('digits-v2');
    await testEnv.putLiveEndpoint();
  });
  afterEach(() => testEnv.close());

  /**
   * Cancels the attempt while its request is in transit. Resolves when the attempt has ended, after the request
   * has arrived.
   */
  async function cancelInTransit(
    operation: string,
    attempts: { once: (unwanted: Promise<void>) => Promise<unknown> },
  ): Promise<void> {
    const { faults, held, calls } = testEnv.emulator;
    faults.add({ operation, kind: 'holdRequest' });
    const sent = (async () => {
      while (held.list().length === 0) await delay(5);
    })();
    const before = calls.count(operation, 'ok');
    let hasEnded = false;
    const ended = Promise.allSettled([attempts.once(sent)]).then(() => (hasEnded = true));
    await sent;
    await delay(100);
    assert.equal(hasEnded, false, 'the attempt ended before its request arrived');
    assert.equal(held.release(), 1);
    await ended;
    assert.equal(calls.count(operation, 'ok'), before + 1);
  }

  for (const [n, { operation, prepare, start }] of mutations.entries()) {
    it(`cancelled attempt: ${operation} in transit -> ends after its arrival (${n + 1} of ${mutations.length})`, async () => {
      await prepare?.(testEnv);
      await cancelInTransit(operation, start(testEnv));
    });
  }

  it('cancelled attempt: training job being created -> stopTraining finds the job', async () => {
    await cancelInTransit('CreateTrainingJob', train(testEnv));
    await testEnv.run('stopTraining', { jobName });
    const job = await testEnv.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: jobName }));
    assert.equal(job.TrainingJobStatus, 'Stopped');
  });

  it('cancelled attempt: endpoint update in transit -> rollback sees the update', async () => {
    await cancelInTransit('UpdateEndpoint', deploy(testEnv, both));
    const observation = await deploy(testEnv, original).all();
    assert.deepEqual([observation.configName, observation.status], ['digits-config', 'InService']);
    assert.equal(testEnv.calls('UpdateEndpoint'), 2);
  });

  it('cancelled attempt: between two requests -> no second request', async () => {
    await cancelInTransit('CreateEndpointConfig', deploy(testEnv, both));
    assert.equal(testEnv.calls('UpdateEndpoint'), 0);
  });

  it('cancelled attempt: before its first request -> no request', async () => {
    testEnv.emulator.faults.add({ operation: 'DescribeTrainingJob', kind: 'holdResponse' });
    const reading = (async () => {
      while (testEnv.emulator.held.list().length === 0) await delay(5);
    })();
    await assert.rejects(train(testEnv).once(reading), { name: 'CancelledFailure' });
    testEnv.emulator.held.release();
    const { TrainingJobSummaries } = await testEnv.sagemaker.send(new ListTrainingJobsCommand({}));
    assert.deepEqual(TrainingJobSummaries, []);
  });
});
