import assert from 'node:assert/strict';
import { type Account, openAccount } from '../aws-account.js';
import { trainingRequest } from './training-fixtures.js';

describe('simulated training job', () => {
  let account: Account;
  beforeEach(async () => (account = await openAccount()));
  afterEach(() => account.emulator.stop());

  const request = trainingRequest('job', 'simulated/x', { train: 's3://bucket/train' }, { epochs: '3' });
  const describeJob = () => account.sageMaker.describeTrainingJob({ TrainingJobName: 'job' });

  it('simulated training job: created -> secondary statuses up to Completed, with an artefact', async () => {
    await account.sageMaker.createTrainingJob(request);
    const seen = new Set<string>();
    for (let second = 0; second < 10; second += 0.5) {
      const job = await describeJob();
      seen.add(`${job.TrainingJobStatus}/${job.SecondaryStatus}`);
      account.clock.advance(0.5);
    }
    assert.deepEqual(
      [...seen],
      [
        'InProgress/Starting',
        'InProgress/Downloading',
        'InProgress/Training',
        'InProgress/Uploading',
        'Completed/Completed',
      ],
    );
    const job = await describeJob();
    assert.equal(job.ModelArtifacts?.S3ModelArtifacts, 's3://models/rollouts/job/output/model.tar.gz');
    assert.deepEqual(job.HyperParameters, { epochs: '3' });
    assert.ok((job.TrainingTimeInSeconds ?? 0) > 3);
  });

  it('DescribeTrainingJob: output without a key -> an empty KmsKeyId', async () => {
    await account.sageMaker.createTrainingJob(request);
    assert.deepEqual((await describeJob()).OutputDataConfig, {
      ...{ KmsKeyId: '', S3OutputPath: 's3://models/rollouts/' },
    });
  });

  it('StopTrainingJob: running job -> Stopped, and a second stop is refused', async () => {
    const { sageMaker, clock } = account;
    await sageMaker.createTrainingJob(request);
    clock.advance(3);
    await sageMaker.stopTrainingJob({ TrainingJobName: 'job' });
    assert.equal((await describeJob()).TrainingJobStatus, 'Stopping');
    clock.advance(3);
    assert.equal((await describeJob()).TrainingJobStatus, 'Stopped');
    await assert.rejects(sageMaker.stopTrainingJob({ TrainingJobName: 'job' }), {
      name: 'ValidationException',
      message: /^The request was rejected because the training job is in status Stopped/,
    });
  });

  it('training job: MaxRuntimeInSeconds -> stopped', async () => {
    await account.sageMaker.createTrainingJob({ ...request, StoppingCondition: { MaxRuntimeInSeconds: 1 } });
    account.clock.advance(20);
    const job = await describeJob();
    assert.deepEqual([job.TrainingJobStatus, job.SecondaryStatus], ['Stopped', 'MaxRuntimeExceeded']);
  });

  it('training job: fault armed -> Failed with a reason', async () => {
    account.emulator.faults.add({ operation: 'CreateTrainingJob', kind: 'fail' });
    await account.sageMaker.createTrainingJob(request);
    account.clock.advance(20);
    const job = await describeJob();
    assert.equal(job.TrainingJobStatus, 'Failed');
    assert.match(job.FailureReason ?? '', /^AlgorithmError: /);
    assert.equal(job.ModelArtifacts?.S3ModelArtifacts, undefined);
  });

  it('training jobs: duplicate name, list by status -> refused, and matching jobs', async () => {
    const { sageMaker } = account;
    await sageMaker.createTrainingJob(request);
    await assert.rejects(sageMaker.createTrainingJob(request), {
      name: 'ResourceInUse',
      message: /^Job name must be unique/,
    });
    const running = await sageMaker.listTrainingJobs({ StatusEquals: 'InProgress' });
    assert.deepEqual(
      running.TrainingJobSummaries?.map((job) => job.TrainingJobName),
      ['job'],
    );
    assert.deepEqual((await sageMaker.listTrainingJobs({ StatusEquals: 'Failed' })).TrainingJobSummaries, []);
  });
});
