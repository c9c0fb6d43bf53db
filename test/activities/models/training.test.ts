import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { CreateTrainingJobCommand, DescribeTrainingJobCommand } from '@aws-sdk/client-sagemaker';
import type { PollDetails } from '../../../src/activities/temporal/polling.js';
import { trainingRequest } from '../../../src/activities/models/training-request.js';
import { rolloutId } from '../endpoint/arms.js';
import { failureOf, ActivityTestEnvironment } from '../activity-environment.js';
import { jobName, trainedModel as model, training } from './training-plan.js';

describe('trainModel and stopTraining', () => {
  let testEnv: ActivityTestEnvironment;
  beforeEach(async () => {
    testEnv = await ActivityTestEnvironment.open({ pace: { training: 300 } });
  });
  afterEach(() => testEnv.close());

  it('trainModel: no job -> starts it, reports progress, returns the artifact', async () => {
    const train = testEnv.start('trainModel', { rolloutId, model, tags: {} });
    await train.once();
    assert.deepEqual((train.details as PollDetails).state, { jobName, isOwned: true });
    const trained = await train.all();
    assert.match(trained.artefact, /^s3:\/\/bucket\/models\//);
    assert.ok(trained.trainingSeconds > 0);
    assert.ok(
      train.messages.some((m) => /^training job digits-1a2b3c4d-b: InProgress \(\w+\), [1-9] min$/.test(m)),
      train.messages.join('\n'),
    );
    assert.equal(testEnv.calls('CreateTrainingJob'), 1);
  });

  it('trainModel: metrics with names that every object inherits -> returns them', async () => {
    const list = ['__proto__', 'constructor'].map((MetricName) => ({ MetricName, Value: 0.5 }));
    testEnv.sagemaker.middlewareStack.add(
      (next) => async (args) => {
        const { output, response } = await next(args);
        const isJob = 'TrainingJobStatus' in output;
        return { output: isJob ? { ...output, FinalMetricDataList: list } : output, response };
      },
      { step: 'initialize' },
    );
    const { metrics } = await testEnv.run('trainModel', { rolloutId, model, tags: {} });
    assert.deepEqual(Object.entries(metrics), [
      ['__proto__', 0.5],
      ['constructor', 0.5],
    ]);
  });

  it('trainModel: response lost and crash -> adopts its own job', async () => {
    testEnv.emulator.faults.add({ operation: 'CreateTrainingJob', kind: 'lostResponse' });
    const train = testEnv.start('trainModel', { rolloutId, model, tags: {} });
    await train.once();
    train.details = undefined;
    assert.equal((await train.all()).jobName, jobName);
  });

  it('trainModel and stopTraining: job of another owner -> NotOwned', async () => {
    await testEnv.sagemaker.send(new CreateTrainingJobCommand(trainingRequest(training)));
    await assert.rejects(
      testEnv.run('trainModel', { rolloutId, model, tags: {} }),
      failureOf('NotOwned', /training job/),
    );
    await assert.rejects(testEnv.run('stopTraining', { jobName }), failureOf('NotOwned'));
  });

  it('trainModel: job fails -> TrainingFailed with the job’s reason', async () => {
    testEnv.emulator.faults.add({ operation: 'CreateTrainingJob', kind: 'fail' });
    await assert.rejects(
      testEnv.run('trainModel', { rolloutId, model, tags: {} }),
      failureOf('TrainingFailed', /ended Failed: \S/),
    );
  });

  it('trainModel: job stopped -> TrainingFailed', async () => {
    const train = testEnv.start('trainModel', { rolloutId, model, tags: {} });
    await train.once();
    await testEnv.run('stopTraining', { jobName });
    const command = new DescribeTrainingJobCommand({ TrainingJobName: jobName });
    const { TrainingJobStatus } = await testEnv.sagemaker.send(command);
    assert.equal(TrainingJobStatus, 'Stopped');
    await assert.rejects(train.all(), failureOf('TrainingFailed', /Stopped/));
    await testEnv.run('stopTraining', { jobName });
  });

  it('stopTraining: no job -> success', async () => {
    await testEnv.run('stopTraining', { jobName: 'digits-1a2b3c4d-a' });
  });
});

describe('trainModel: values of environment variables', () => {
  const secret = 'hf_0123456789abcdefgh';
  const withSecret = { ...model, training: { ...training, settings: { Environment: { HF_TOKEN: secret } } } };

  it('trainModel: SageMaker quotes the environment in its rejection -> the failure does not', async () => {
    const testEnv = await ActivityTestEnvironment.open();
    testEnv.sagemaker.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (commandName !== 'CreateTrainingJobCommand') return next(args);
          const message = `Value '{HF_TOKEN=${secret}}' at 'environment' failed to satisfy constraint`;
          return Promise.reject(
            Object.assign(new Error(message), {
              name: 'ValidationException',
              $metadata: { httpStatusCode: 400 },
            }),
          );
        },
      { step: 'initialize' },
    );
    await assert.rejects(testEnv.run('trainModel', { rolloutId, model: withSecret, tags: {} }), (error) => {
      assert.ok(failureOf('Rejected', /HF_TOKEN=\*\*\*/)(error));
      assert.doesNotMatch(inspect(error, { depth: 10 }), new RegExp(secret));
      return true;
    });
    await testEnv.close();
  });

  it('trainModel: job that prints a value as its reason -> the failure does not show it', async () => {
    const testEnv = await ActivityTestEnvironment.open();
    testEnv.sagemaker.middlewareStack.add(
      (next) => async (args) => {
        const { output, response } = await next(args);
        const FailureReason = `AlgorithmError: token ${secret} is not valid`;
        const isJob = 'TrainingJobStatus' in output;
        return {
          output: isJob ? { ...output, TrainingJobStatus: 'Failed', FailureReason } : output,
          response,
        };
      },
      { step: 'initialize' },
    );
    await assert.rejects(
      testEnv.run('trainModel', { rolloutId, model: withSecret, tags: {} }),
      failureOf('TrainingFailed', /token \*\*\* is not valid/),
    );
    await testEnv.close();
  });
});

describe('trainingRequest', () => {
  it('trainingRequest: custom image -> metric definitions, built-in algorithm -> none', () => {
    const definitions = (image: string) =>
      trainingRequest({ ...training, image }).AlgorithmSpecification?.MetricDefinitions?.map(
        ({ Name }) => Name,
      );
    assert.deepEqual(definitions('simulated/trainer'), ['accuracy', 'loss']);
    const builtIn = '811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1';
    assert.equal(definitions(builtIn), undefined);
  });

  it('trainingRequest: stopAfter -> MaxRuntimeInSeconds', () => {
    assert.equal(trainingRequest(training).StoppingCondition?.MaxRuntimeInSeconds, 7200);
  });

  it('trainingRequest: settings -> merged with the fields of the plan', () => {
    const { AlgorithmSpecification, InputDataConfig, ResourceConfig } = trainingRequest({
      ...training,
      settings: {
        AlgorithmSpecification: { TrainingInputMode: 'FastFile', MetricDefinitions: [] },
        ResourceConfig: { VolumeKmsKeyId: 'key' },
        InputDataConfig: [
          {
            ChannelName: 'train',
            DataSource: { S3DataSource: { S3DataDistributionType: 'ShardedByS3Key' } },
          },
          {
            ChannelName: 'other',
            DataSource: { S3DataSource: { S3Uri: 's3://bucket/other', S3DataType: 'S3Prefix' } },
          },
        ],
      },
    });
    assert.deepEqual(AlgorithmSpecification, {
      TrainingImage: training.image,
      TrainingInputMode: 'FastFile',
      MetricDefinitions: [],
    });
    assert.deepEqual(ResourceConfig, {
      InstanceType: 'ml.m5.large',
      InstanceCount: 1,
      VolumeSizeInGB: 50,
      VolumeKmsKeyId: 'key',
    });
    assert.deepEqual(
      InputDataConfig?.map(({ ChannelName, DataSource }) => [ChannelName, DataSource?.S3DataSource]),
      [
        [
          'train',
          { S3DataType: 'S3Prefix', S3Uri: 's3://bucket/train', S3DataDistributionType: 'ShardedByS3Key' },
        ],
        ['other', { S3Uri: 's3://bucket/other', S3DataType: 'S3Prefix' }],
      ],
    );
  });
});
