import assert from 'node:assert/strict';
import type { CreateTrainingJobRequest } from '@aws-sdk/client-sagemaker';
import { type Account, openAccount } from '../aws-account.js';
import { trainingRequest } from './training-fixtures.js';

describe('emulated training job', () => {
  let account: Account;
  beforeEach(async () => (account = await openAccount()));
  afterEach(() => account.emulator.stop());

  const request = trainingRequest('job', 'simulated/x', { train: 's3://bucket/train' });
  const uncheckpointed: CreateTrainingJobRequest = {
    ...request,
    EnableManagedSpotTraining: true,
    StoppingCondition: { MaxRuntimeInSeconds: 3600, MaxWaitTimeInSeconds: 7200 },
  };
  const CheckpointConfig = { S3Uri: 's3://bucket/checkpoints' };
  const spot = { ...uncheckpointed, CheckpointConfig };
  const byName = { TrainingJobName: 'job' };
  const describeJob = () => account.sageMaker.describeTrainingJob(byName);
  const stages = async () => (await describeJob()).SecondaryStatusTransitions?.map((each) => each.Status);

  it('training job: secondary statuses -> each starts at the end of the previous one', async () => {
    await account.sageMaker.createTrainingJob(request);
    account.clock.advance(20);
    const { SecondaryStatusTransitions: all = [], TrainingStartTime, TrainingEndTime } = await describeJob();
    all.slice(1).forEach((each, index) => assert.deepEqual(each.StartTime, all[index]?.EndTime));
    assert.deepEqual(TrainingStartTime, all.find((each) => each.Status === 'Training')?.StartTime);
    assert.deepEqual(TrainingEndTime, all.at(-1)?.EndTime);
  });

  it('spot training job: interrupted -> Interrupted, starts again, Completed', async () => {
    account.emulator.faults.add({ operation: 'CreateTrainingJob', kind: 'interrupt' });
    await account.sageMaker.createTrainingJob(spot);
    account.clock.advance(30);
    assert.deepEqual(await stages(), [
      'Starting',
      'Downloading',
      'Training',
      'Interrupted',
      'Starting',
      'Downloading',
      'Training',
      'Uploading',
      'Completed',
    ]);
  });

  it('spot training job: interrupted without a checkpoint -> loses its progress', async () => {
    const secondsOf = async (name: string, more: Partial<CreateTrainingJobRequest>) => {
      account.emulator.faults.add({ operation: 'CreateTrainingJob', kind: 'interrupt' });
      await account.sageMaker.createTrainingJob({ ...uncheckpointed, TrainingJobName: name, ...more });
      account.clock.advance(60);
      const { SecondaryStatusTransitions: all = [] } = await account.sageMaker.describeTrainingJob({
        TrainingJobName: name,
      });
      const training = all.filter((each) => each.Status === 'Training');
      return training.map((each) => each.EndTime!.getTime() - each.StartTime!.getTime());
    };
    const [before = 0, resumed = 0] = await secondsOf('kept', { CheckpointConfig });
    const [first = 0, again = 0] = await secondsOf('lost', {});
    assert.ok(Math.abs(resumed - before) < 10, `${before} ms and ${resumed} ms`);
    assert.ok(Math.abs(again - 2 * first) < 10, `${first} ms and ${again} ms`);
  });

  it('spot training job: interrupted by an event -> stops at MaxWaitTimeInSeconds', async () => {
    await account.sageMaker.createTrainingJob({
      ...spot,
      StoppingCondition: { MaxRuntimeInSeconds: 5, MaxWaitTimeInSeconds: 5 },
    });
    account.clock.advance(4);
    await account.emulator.cause({ event: 'interruptTraining', job: 'job' });
    account.clock.advance(10);
    const { TrainingJobStatus, SecondaryStatus } = await describeJob();
    assert.deepEqual([TrainingJobStatus, SecondaryStatus], ['Stopped', 'MaxWaitTimeExceeded']);
  });

  it('CreateTrainingJob: MaxWaitTimeInSeconds -> required for spot instances, refused otherwise', async () => {
    for (const wrong of [
      { ...spot, StoppingCondition: { MaxRuntimeInSeconds: 3600 } },
      { ...request, StoppingCondition: spot.StoppingCondition },
    ]) {
      await assert.rejects(account.sageMaker.createTrainingJob(wrong), {
        name: 'ValidationException',
        message: /^Invalid MaxWaitTimeInSeconds/,
      });
    }
  });

  it('training job: stopped while Starting -> never trains, no billable time', async () => {
    await account.sageMaker.createTrainingJob(request);
    await account.sageMaker.stopTrainingJob(byName);
    account.clock.advance(20);
    assert.deepEqual(await stages(), ['Starting', 'Stopping', 'Stopped']);
    const { TrainingStartTime, TrainingTimeInSeconds } = await describeJob();
    assert.deepEqual([TrainingStartTime, TrainingTimeInSeconds], [undefined, undefined]);
  });

  it('training job: no capacity in the region -> Failed', async () => {
    account.emulator.faults.add({ operation: 'CreateTrainingJob', kind: 'noCapacity' });
    await account.sageMaker.createTrainingJob(request);
    account.clock.advance(20);
    assert.deepEqual(await stages(), ['Starting', 'Failed']);
    assert.match((await describeJob()).FailureReason ?? '', /^CapacityError: /);
  });

  it('DeleteTrainingJob: ended job -> Deleting, then the name is free', async () => {
    await account.sageMaker.createTrainingJob(request);
    await assert.rejects(account.sageMaker.deleteTrainingJob(byName), { name: 'ResourceInUse' });
    account.clock.advance(20);
    await account.sageMaker.deleteTrainingJob(byName);
    assert.equal((await describeJob()).TrainingJobStatus, 'Deleting');
    account.clock.advance(2);
    await assert.rejects(account.sageMaker.deleteTrainingJob(byName), { name: 'ResourceNotFound' });
    await account.sageMaker.createTrainingJob(request);
  });
});
