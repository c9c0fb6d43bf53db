import assert from 'node:assert/strict';
import type { CreateTrainingJobRequest } from '@aws-sdk/client-sagemaker';
import { type Account, openAccount } from '../aws-account.js';
import { trainingRequest } from './training-fixtures.js';

describe('emulated training job over time', () => {
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

  it('has a time for every secondary status, each beginning where the last ended', async () => {
    await account.sageMaker.createTrainingJob(request);
    account.clock.pass(20);
    const { SecondaryStatusTransitions: all = [], TrainingStartTime, TrainingEndTime } = await describeJob();
    all.slice(1).forEach((each, index) => assert.deepEqual(each.StartTime, all[index]?.EndTime));
    assert.deepEqual(TrainingStartTime, all.find((each) => each.Status === 'Training')?.StartTime);
    assert.deepEqual(TrainingEndTime, all.at(-1)?.EndTime);
  });

  it('on spot instances is Interrupted, starts again and completes', async () => {
    account.emulator.faults.add({ operation: 'CreateTrainingJob', kind: 'interrupt' });
    await account.sageMaker.createTrainingJob(spot);
    account.clock.pass(30);
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

  it('on spot instances loses what no checkpoint has kept', async () => {
    const secondsOf = async (name: string, more: Partial<CreateTrainingJobRequest>) => {
      account.emulator.faults.add({ operation: 'CreateTrainingJob', kind: 'interrupt' });
      await account.sageMaker.createTrainingJob({ ...uncheckpointed, TrainingJobName: name, ...more });
      account.clock.pass(60);
      const { SecondaryStatusTransitions: all = [] } = await account.sageMaker.describeTrainingJob({
        TrainingJobName: name,
      });
      const training = all.filter((each) => each.Status === 'Training');
      return training.map((each) => each.EndTime!.getTime() - each.StartTime!.getTime());
    };
    const [before = 0, resumed = 0] = await secondsOf('kept', { CheckpointConfig });
    const [first = 0, anew = 0] = await secondsOf('lost', {});
    assert.ok(Math.abs(resumed - before) < 10, `${before} ms and ${resumed} ms`);
    assert.ok(Math.abs(anew - 2 * first) < 10, `${first} ms and ${anew} ms`);
  });

  it('on spot instances can be interrupted at any time, and gives up at MaxWaitTimeInSeconds', async () => {
    await account.sageMaker.createTrainingJob({
      ...spot,
      StoppingCondition: { MaxRuntimeInSeconds: 5, MaxWaitTimeInSeconds: 5 },
    });
    account.clock.pass(4);
    await account.emulator.cause({ event: 'interruptTraining', job: 'job' });
    account.clock.pass(10);
    const { TrainingJobStatus, SecondaryStatus } = await describeJob();
    assert.deepEqual([TrainingJobStatus, SecondaryStatus], ['Stopped', 'MaxWaitTimeExceeded']);
  });

  it('needs a wait time on spot instances, and may not have one elsewhere', async () => {
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

  it('stopped while Starting never trains and is never billed', async () => {
    await account.sageMaker.createTrainingJob(request);
    await account.sageMaker.stopTrainingJob(byName);
    account.clock.pass(20);
    assert.deepEqual(await stages(), ['Starting', 'Stopping', 'Stopped']);
    const { TrainingStartTime, TrainingTimeInSeconds } = await describeJob();
    assert.deepEqual([TrainingStartTime, TrainingTimeInSeconds], [undefined, undefined]);
  });

  it('fails where the region has no capacity', async () => {
    account.emulator.faults.add({ operation: 'CreateTrainingJob', kind: 'noCapacity' });
    await account.sageMaker.createTrainingJob(request);
    account.clock.pass(20);
    assert.deepEqual(await stages(), ['Starting', 'Failed']);
    assert.match((await describeJob()).FailureReason ?? '', /^CapacityError: /);
  });

  it('can be deleted at its end alone, is Deleting, and then its name is free', async () => {
    await account.sageMaker.createTrainingJob(request);
    await assert.rejects(account.sageMaker.deleteTrainingJob(byName), { name: 'ResourceInUse' });
    account.clock.pass(20);
    await account.sageMaker.deleteTrainingJob(byName);
    assert.equal((await describeJob()).TrainingJobStatus, 'Deleting');
    account.clock.pass(2);
    await assert.rejects(account.sageMaker.deleteTrainingJob(byName), { name: 'ResourceNotFound' });
    await account.sageMaker.createTrainingJob(request);
  });
});
