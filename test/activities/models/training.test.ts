import assert from 'node:assert/strict';
import { CreateTrainingJobCommand, DescribeTrainingJobCommand } from '@aws-sdk/client-sagemaker';
import type { PollDetails } from '../../../src/activities/temporal/polling.js';
import { trainingRequest } from '../../../src/activities/models/training.js';
import { rolloutId } from '../endpoint/arms.js';
import { failureOf, ActivityTestEnvironment } from '../activity-environment.js';
import { jobName, trainedModel as model, training } from './training-plan.js';

describe('training', () => {
  let stage: ActivityTestEnvironment;
  beforeEach(async () => {
    stage = await ActivityTestEnvironment.open({ pace: { training: 300 } });
  });
  afterEach(() => stage.close());

  it('starts the job, says how far it is, and ends with the artefact', async () => {
    const train = stage.start('trainModel', { rolloutId, model });
    await train.once();
    assert.deepEqual((train.details as PollDetails).state, { jobName, isOwned: true });
    const trained = await train.all();
    assert.match(trained.artefact, /^s3:\/\/bucket\/models\//);
    assert.ok(trained.trainingSeconds > 0);
    assert.ok(
      train.messages.some((m) => /^training job digits-1a2b3c4d-b: InProgress \(\w+\), [1-9] min$/.test(m)),
      train.messages.join('\n'),
    );
    assert.equal(stage.calls('CreateTrainingJob'), 1);
  });

  it('adopts its own job where the answer was lost, and after a crash', async () => {
    stage.emulator.faults.add({ operation: 'CreateTrainingJob', kind: 'lostResponse' });
    const train = stage.start('trainModel', { rolloutId, model });
    await train.once();
    train.details = undefined;
    assert.equal((await train.all()).jobName, jobName);
  });

  it('refuses a job of that name that is somebody else’s', async () => {
    await stage.sagemaker.send(new CreateTrainingJobCommand(trainingRequest(training)));
    await assert.rejects(
      stage.run('trainModel', { rolloutId, model }),
      failureOf('NotOwned', /training job/),
    );
    await assert.rejects(stage.run('stopTraining', { jobName }), failureOf('NotOwned'));
  });

  it('fails with the job’s own reason', async () => {
    stage.emulator.faults.add({ operation: 'CreateTrainingJob', kind: 'fail' });
    await assert.rejects(
      stage.run('trainModel', { rolloutId, model }),
      failureOf('TrainingFailed', /ended Failed: \S/),
    );
  });

  it('never takes a stopped job for a trained one', async () => {
    const train = stage.start('trainModel', { rolloutId, model });
    await train.once();
    await stage.run('stopTraining', { jobName });
    const command = new DescribeTrainingJobCommand({ TrainingJobName: jobName });
    const { TrainingJobStatus } = await stage.sagemaker.send(command);
    assert.equal(TrainingJobStatus, 'Stopped');
    await assert.rejects(train.all(), failureOf('TrainingFailed', /Stopped/));
    await stage.run('stopTraining', { jobName });
  });

  it('has nothing to stop where there is no job', async () => {
    await stage.run('stopTraining', { jobName: 'digits-1a2b3c4d-a' });
  });
});

describe('a training request', () => {
  it('defines metrics, except for SageMaker’s own algorithms, which bring theirs', () => {
    const definitions = (image: string) =>
      trainingRequest({ ...training, image }).AlgorithmSpecification?.MetricDefinitions?.map(
        ({ Name }) => Name,
      );
    assert.deepEqual(definitions('simulated/trainer'), ['accuracy', 'loss']);
    const builtIn = '811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1';
    assert.equal(definitions(builtIn), undefined);
  });

  it('passes on the time limit', () => {
    assert.equal(trainingRequest(training).StoppingCondition?.MaxRuntimeInSeconds, 7200);
  });
});
