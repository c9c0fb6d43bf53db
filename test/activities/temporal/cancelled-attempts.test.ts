/** What an attempt that is cancelled has under way: AWS carries it out, so the attempt ends only once it is there. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { DescribeTrainingJobCommand, ListTrainingJobsCommand } from '@aws-sdk/client-sagemaker';
import type { DesiredDeployment } from '../../../src/activities/interface/deployment.js';
import { candidateVariant, rolloutId, variantsTraffic } from '../endpoint/arms.js';
import { role, ActivityTestEnvironment } from '../activity-environment.js';
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
  basedOn: 'digits-config',
  createsEndpoint: false,
  variants: [main, candidate],
  shadow: null,
  metricPeriodSeconds: 60,
};
const original: DesiredDeployment = { ...both, configName: 'digits-config', owned: false, variants: [main] };
const first: DesiredDeployment = { ...both, basedOn: null, createsEndpoint: true };
const target = { rolloutId, endpoint: 'digits' };

const deploy = (stage: ActivityTestEnvironment, deployment: DesiredDeployment) =>
  stage.start('deploy', { ...target, deployment });
const register = (stage: ActivityTestEnvironment) => stage.start('registerModel', registration);
const train = (stage: ActivityTestEnvironment) =>
  stage.start('trainModel', { rolloutId, model: trainedModel });
const settle = (stage: ActivityTestEnvironment) => stage.run('deploy', { ...target, deployment: both });

/** Every operation that changes something, in an activity that makes it. */
const effects: {
  operation: string;
  prepare?: (stage: ActivityTestEnvironment) => Promise<unknown>;
  start: (stage: ActivityTestEnvironment) => { once: (unwanted: Promise<void>) => Promise<unknown> };
}[] = [
  { operation: 'CreateTrainingJob', start: train },
  {
    operation: 'StopTrainingJob',
    prepare: (stage) => train(stage).once(),
    start: (stage) => stage.start('stopTraining', { jobName }),
  },
  { operation: 'CreateModelPackageGroup', start: register },
  { operation: 'CreateModelPackage', start: register },
  {
    operation: 'UpdateModelPackage',
    start: (stage) => {
      const made = stage.start('registerModel', manualRegistration);
      return { once: async (unwanted) => (await made.once(), register(stage).once(unwanted)) };
    },
  },
  {
    operation: 'CreateModel',
    start: (stage) =>
      stage.start('createModel', {
        rolloutId,
        modelName: jobName,
        role,
        source: { image: training.servingImage, artefact: registration.artefact },
      }),
  },
  { operation: 'CreateEndpointConfig', start: (stage) => deploy(stage, both) },
  { operation: 'UpdateEndpoint', start: (stage) => deploy(stage, both) },
  {
    operation: 'CreateEndpoint',
    start: (stage) => stage.start('deploy', { rolloutId, endpoint: 'fresh', deployment: first }),
  },
  {
    operation: 'UpdateEndpointWeightsAndCapacities',
    prepare: settle,
    start: (stage) =>
      stage.start('setWeights', {
        traffic: variantsTraffic(both.configName),
        weights: { baseline: 50, candidate: 50 },
      }),
  },
  {
    operation: 'UpdateEndpointWeightsAndCapacities',
    prepare: settle,
    start: (stage) =>
      stage.start('setCounts', {
        traffic: variantsTraffic(both.configName),
        counts: { baseline: null, candidate: { atLeast: 2 } },
      }),
  },
  {
    operation: 'DeleteEndpointConfig',
    prepare: async (stage) => {
      await settle(stage);
      await stage.run('deploy', { ...target, deployment: original });
    },
    start: (stage) => stage.start('deleteConfig', { ...target, configName: both.configName }),
  },
  {
    operation: 'DeleteEndpoint',
    prepare: (stage) => stage.run('deploy', { rolloutId, endpoint: 'fresh', deployment: first }),
    start: (stage) => stage.start('deleteEndpoint', { rolloutId, endpoint: 'fresh' }),
  },
];

describe('an attempt that is cancelled', () => {
  let stage: ActivityTestEnvironment;
  beforeEach(async () => {
    stage = await ActivityTestEnvironment.open({ pace: { training: 300 } });
    await stage.putModel('digits-v2');
    await stage.putLiveEndpoint();
  });
  afterEach(() => stage.close());

  /** Cancelled while its request is on its way; resolves when it has ended, which is after the request has arrived. */
  async function cancelOnTheWay(
    operation: string,
    attempts: { once: (unwanted: Promise<void>) => Promise<unknown> },
  ): Promise<void> {
    const { faults, held, calls } = stage.emulator;
    faults.add({ operation, kind: 'holdRequest' });
    const sent = (async () => {
      while (held.list().length === 0) await delay(5);
    })();
    const before = calls.count(operation, 'ok');
    let isOver = false;
    const ended = Promise.allSettled([attempts.once(sent)]).then(() => (isOver = true));
    await sent;
    await delay(100);
    assert.equal(isOver, false, 'it has ended before its request arrived');
    assert.equal(held.release(), 1);
    await ended;
    assert.equal(calls.count(operation, 'ok'), before + 1);
  }

  for (const [n, { operation, prepare, start }] of effects.entries()) {
    it(`ends when its ${operation} has arrived (${n + 1} of ${effects.length})`, async () => {
      await prepare?.(stage);
      await cancelOnTheWay(operation, start(stage));
    });
  }

  it('while it starts a job lets stopTraining find the job', async () => {
    await cancelOnTheWay('CreateTrainingJob', train(stage));
    await stage.run('stopTraining', { jobName });
    const job = await stage.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: jobName }));
    assert.equal(job.TrainingJobStatus, 'Stopped');
  });

  it('while it updates an endpoint lets the way back see the update', async () => {
    await cancelOnTheWay('UpdateEndpoint', deploy(stage, both));
    const observation = await deploy(stage, original).all();
    assert.deepEqual([observation.configName, observation.status], ['digits-config', 'InService']);
    assert.equal(stage.calls('UpdateEndpoint'), 2);
  });

  it('between two effects makes no second one', async () => {
    await cancelOnTheWay('CreateEndpointConfig', deploy(stage, both));
    assert.equal(stage.calls('UpdateEndpoint'), 0);
  });

  it('before its first effect makes none', async () => {
    stage.emulator.faults.add({ operation: 'DescribeTrainingJob', kind: 'holdResponse' });
    const looking = (async () => {
      while (stage.emulator.held.list().length === 0) await delay(5);
    })();
    await assert.rejects(train(stage).once(looking), { name: 'CancelledFailure' });
    stage.emulator.held.release();
    const { TrainingJobSummaries } = await stage.sagemaker.send(new ListTrainingJobsCommand({}));
    assert.deepEqual(TrainingJobSummaries, []);
  });
});
