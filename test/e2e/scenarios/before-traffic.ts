import assert from 'node:assert/strict';
import { CreateTrainingJobCommand, StopTrainingJobCommand } from '@aws-sdk/client-sagemaker';
import { createConfig, createModel, role } from '../live-endpoint.js';
import type { Group } from '../scenario.js';
import { bothJobsRun } from '../rollout-under-test.js';
import { longTraining, newServe, specOf, trained } from '../specs.js';
import { E2eEnvironment } from '../e2e-environment.js';

const endpointChanges = ['CreateEndpoint', 'UpdateEndpoint', 'UpdateEndpointWeightsAndCapacities'];

function changesOf(environment: E2eEnvironment, endpoint: string): number {
  return endpointChanges.reduce((sum, operation) => sum + environment.effects(operation, endpoint), 0);
}

export const beforeTraffic: Group = {
  about: 'failures before any traffic shift',
  scenarios: [
    {
      it: "training: job fails -> failed with the job's reason, endpoint is never changed",
      async run(environment) {
        environment.emulator.faults.add({ operation: 'CreateTrainingJob', kind: 'fail', about: 'untrained' });
        await createModel(environment.sagemaker, 'untrained-1');
        const models = { baseline: { model: 'untrained-1' }, candidate: trained('untrained') };
        const rollout = await environment.start(specOf('untrained', { models, serve: newServe }));
        const { result, phases } = await rollout.expectOutcome('failed');
        assert.match(result.reason, /ended Failed: AlgorithmError: .*exit code: 1/);
        assert.deepEqual(phases.slice(0, 2), ['preflight', 'training']);
        assert.ok(!phases.includes('deploying'));
        assert.equal(changesOf(environment, 'untrained'), 0);
        assert.equal(result.serving, null);
      },
    },
    {
      it: 'training: someone stops one of two jobs -> failed, the other job is stopped too',
      run: () => E2eEnvironment.withOwnEnvironment('stopped', stopOneOfTwoJobs, longTraining),
    },
    {
      it: 'golden requests: responses differ -> failed, no weight is set',
      async run(environment) {
        await environment.putLive('wrong');
        await environment.emulator.setBehaviour({ model: 'wrong-2', response: { digit: 8 } });
        const golden = [3, 8].map((digit) => ({ body: { pixels: [digit] }, expect: { digit } }));
        const rollout = await environment.start(specOf('wrong', { validate: { golden } }));
        const { result, shares } = await rollout.expectOutcome('failed');
        assert.match(result.reason, /1 of 2 golden answers match, fewer than 100 % \(missed: record 1\)/);
        assert.deepEqual(shares, [0]);
        assert.equal(environment.effects('UpdateEndpointWeightsAndCapacities', 'wrong'), 0);
        await rollout.assertOriginal();
      },
    },
    {
      it: 'preflight: names belong to resources of another owner -> failed, nothing is changed',
      run: () =>
        E2eEnvironment.withOwnEnvironment('taken', async (environment) => {
          await environment.putLive('taken');
          const models = { baseline: 'live', candidate: trained('taken') };
          const rollout = await environment.start(specOf('taken', { models }));
          const { sideBySideConfig, singleConfig } = rollout.names;
          await createConfig(environment.sagemaker, sideBySideConfig, 'taken-2');
          await createModel(environment.sagemaker, singleConfig.candidate);
          await createJob(environment, singleConfig.candidate);
          await environment.startWorker();
          const { result, phases } = await rollout.expectOutcome('failed');
          for (const resource of [
            `endpoint config ${sideBySideConfig}`,
            `model ${singleConfig.candidate}`,
            `training job ${singleConfig.candidate}`,
          ]) {
            assert.ok(result.reason.includes(`${resource} already exists and was not created by a rollout`));
          }
          assert.deepEqual(phases, ['preflight', 'ended']);
          assert.equal(changesOf(environment, 'taken'), 1, 'only the change of the test itself');
          const { config, configs } = await rollout.served();
          assert.deepEqual(
            [config, configs],
            ['taken-original', [sideBySideConfig, 'taken-original'].sort()],
          );
        }),
    },
  ],
};

async function stopOneOfTwoJobs(environment: E2eEnvironment): Promise<void> {
  await environment.startWorker();
  const models = { baseline: trained('stopped'), candidate: trained('stopped') };
  const rollout = await environment.start(specOf('stopped', { models, serve: newServe }));
  const { baseline, candidate } = rollout.names.singleConfig;
  await rollout.until(bothJobsRun);
  await environment.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: candidate }));
  const { result } = await rollout.expectOutcome('failed');
  assert.match(result.reason, new RegExp(`training job ${candidate} ended Stopped`));
  assert.equal(environment.effects('StopTrainingJob', baseline), 1);
  assert.equal(changesOf(environment, 'stopped'), 0);
}

async function createJob(environment: E2eEnvironment, TrainingJobName: string): Promise<void> {
  const command = new CreateTrainingJobCommand({
    TrainingJobName,
    AlgorithmSpecification: { TrainingImage: 'simulated/other', TrainingInputMode: 'File' },
    RoleArn: role,
    OutputDataConfig: { S3OutputPath: 's3://bucket/other' },
    ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 },
    StoppingCondition: { MaxRuntimeInSeconds: 600 },
  });
  await environment.sagemaker.send(command);
}
