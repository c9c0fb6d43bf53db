import assert from 'node:assert/strict';
import { CreateTrainingJobCommand, StopTrainingJobCommand } from '@aws-sdk/client-sagemaker';
import { createConfig, createModel, role } from '../live-endpoint.js';
import type { Group } from '../scenario.js';
import { bothJobsRun } from '../rollout-under-test.js';
import { longTraining, newServe, specOf, trained } from '../specs.js';
import { E2eEnvironment } from '../e2e-environment.js';

const endpointChanges = ['CreateEndpoint', 'UpdateEndpoint', 'UpdateEndpointWeightsAndCapacities'];

function changesOf(stage: E2eEnvironment, endpoint: string): number {
  return endpointChanges.reduce((sum, operation) => sum + stage.effects(operation, endpoint), 0);
}

export const beforeTraffic: Group = {
  about: 'a failure before any traffic moved',
  scenarios: [
    {
      it: "of a training job gives the job's own reason, and the endpoint is never touched",
      async play(stage) {
        stage.emulator.faults.add({ operation: 'CreateTrainingJob', kind: 'fail', about: 'untrained' });
        await createModel(stage.sagemaker, 'untrained-1');
        const models = { baseline: { model: 'untrained-1' }, candidate: trained('untrained') };
        const rollout = await stage.start(specOf('untrained', { models, serve: newServe }));
        const { result, phases } = await rollout.expectOutcome('failed');
        assert.match(result.reason, /ended Failed: AlgorithmError: .*exit code: 1/);
        assert.deepEqual(phases.slice(0, 2), ['preflight', 'training']);
        assert.ok(!phases.includes('deploying'));
        assert.equal(changesOf(stage, 'untrained'), 0);
        assert.equal(result.serving, null);
      },
    },
    {
      it: 'because someone stopped a training job ends the other job, too',
      play: () => E2eEnvironment.withOwnEnvironment('stopped', stopOneOfTwoJobs, longTraining),
    },
    {
      it: 'by golden answers that differ sets no weight',
      async play(stage) {
        await stage.putLive('wrong');
        await stage.emulator.setBehaviour({ model: 'wrong-2', response: { digit: 8 } });
        const golden = [3, 8].map((digit) => ({ body: { pixels: [digit] }, expect: { digit } }));
        const rollout = await stage.start(specOf('wrong', { validate: { golden } }));
        const { result, shares } = await rollout.expectOutcome('failed');
        assert.match(result.reason, /1 of 2 golden answers match, fewer than 100 % \(missed: record 1\)/);
        assert.deepEqual(shares, [0]);
        assert.equal(stage.effects('UpdateEndpointWeightsAndCapacities', 'wrong'), 0);
        await rollout.assertOriginal();
      },
    },
    {
      it: "by names that are taken by someone else's objects is found at preflight, and changes nothing",
      play: () =>
        E2eEnvironment.withOwnEnvironment('taken', async (stage) => {
          await stage.putLive('taken');
          const models = { baseline: 'live', candidate: trained('taken') };
          const rollout = await stage.start(specOf('taken', { models }));
          const { sideBySideConfig, singleConfig } = rollout.names;
          await createConfig(stage.sagemaker, sideBySideConfig, 'taken-2');
          await createModel(stage.sagemaker, singleConfig.candidate);
          await createJob(stage, singleConfig.candidate);
          await stage.startWorker();
          const { result, phases } = await rollout.expectOutcome('failed');
          for (const what of [
            `endpoint config ${sideBySideConfig}`,
            `model ${singleConfig.candidate}`,
            `training job ${singleConfig.candidate}`,
          ]) {
            assert.ok(result.reason.includes(`${what} exists already and is not made by a rollout`));
          }
          assert.deepEqual(phases, ['preflight', 'ended']);
          assert.equal(changesOf(stage, 'taken'), 1, 'only the one that the test itself made');
          const { config, configs } = await rollout.served();
          assert.deepEqual(
            [config, configs],
            ['taken-original', [sideBySideConfig, 'taken-original'].sort()],
          );
        }),
    },
  ],
};

async function stopOneOfTwoJobs(stage: E2eEnvironment): Promise<void> {
  await stage.startWorker();
  const models = { baseline: trained('stopped'), candidate: trained('stopped') };
  const rollout = await stage.start(specOf('stopped', { models, serve: newServe }));
  const { baseline, candidate } = rollout.names.singleConfig;
  await rollout.until(bothJobsRun);
  await stage.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: candidate }));
  const { result } = await rollout.expectOutcome('failed');
  assert.match(result.reason, new RegExp(`training job ${candidate} ended Stopped`));
  assert.equal(stage.effects('StopTrainingJob', baseline), 1);
  assert.equal(changesOf(stage, 'stopped'), 0);
}

async function createJob(stage: E2eEnvironment, TrainingJobName: string): Promise<void> {
  const command = new CreateTrainingJobCommand({
    TrainingJobName,
    AlgorithmSpecification: { TrainingImage: 'simulated/other', TrainingInputMode: 'File' },
    RoleArn: role,
    OutputDataConfig: { S3OutputPath: 's3://bucket/other' },
    ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 },
    StoppingCondition: { MaxRuntimeInSeconds: 600 },
  });
  await stage.sagemaker.send(command);
}
