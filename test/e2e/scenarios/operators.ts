import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { DescribeTrainingJobCommand } from '@aws-sdk/client-sagemaker';
import { RolloutAlreadyRunning } from '../../../src/client.js';
import type { Group } from '../scenario.js';
import { bothJobsRun } from '../rollout-under-test.js';
import { longBake, longTraining, newServe, specOf, trained, twoSteps } from '../specs.js';
import { E2eEnvironment } from '../e2e-environment.js';

const ben = { actor: 'ben', reason: 'looks wrong' };

export const operators: Group = {
  about: 'an operator',
  scenarios: [
    {
      it: 'who aborts during training gets the jobs stopped, and no endpoint',
      play: () => E2eEnvironment.withOwnEnvironment('early', abortTraining, longTraining),
    },
    {
      it: 'who starts a second rollout is told of the first; its abort while baking is verified',
      async play(stage) {
        await stage.putLive('busy');
        const rollout = await stage.start(specOf('busy', { strategy: longBake }));
        await rollout.phase('baking');
        await assert.rejects(stage.rollouts.start(specOf('busy'), { startedBy: 'ben' }), (error) => {
          assert.ok(error instanceof RolloutAlreadyRunning);
          assert.deepEqual([error.phase, error.startedBy], ['baking', 'ana']);
          return true;
        });
        await stage.rollouts.abort('busy', ben);
        const { shares } = await rollout.expectOutcome('aborted');
        assert.deepEqual(shares, [0, 50, 0]);
        await rollout.assertOriginal();
      },
    },
    {
      it: 'who promotes in full skips the steps that are left',
      async play(stage) {
        await stage.putLive('hurried');
        const strategy = { canary: { steps: ['10%', '50%'], bake: '10m' } };
        const rollout = await stage.start(specOf('hurried', { strategy }));
        await rollout.phase('baking');
        await stage.rollouts.promote('hurried', { ...ben, full: true });
        const { shares } = await rollout.expectOutcome('promoted');
        assert.deepEqual(shares, [0, 10, 100]);
        await rollout.assertReplaced();
      },
    },
    {
      it: 'who pauses keeps the next step from being taken until resume',
      async play(stage) {
        await stage.putLive('patient');
        const rollout = await stage.start(specOf('patient', { strategy: twoSteps }));
        await rollout.phase('baking');
        await stage.rollouts.pause('patient', ben);
        await rollout.until(({ verdicts }) => verdicts.some(({ result }) => result === 'pass'));
        await delay(12_000);
        const paused = await rollout.phase('baking');
        assert.deepEqual([paused.step.n, paused.paused], [1, true]);
        await stage.rollouts.resume('patient', ben);
        const { shares, commands } = await rollout.expectOutcome('promoted');
        assert.deepEqual(shares, [0, 25, 50, 100]);
        assert.deepEqual(
          commands.map(({ command, accepted }) => [command, accepted]),
          [
            ['pause', true],
            ['resume', true],
          ],
        );
        await rollout.assertReplaced();
      },
    },
    {
      it: 'who replaces the worker in the middle of a bake changes nothing',
      play: () =>
        E2eEnvironment.withOwnEnvironment('relay', async (stage) => {
          const stop = await stage.startWorker();
          await stage.putLive('relay');
          const rollout = await stage.start(specOf('relay', { strategy: twoSteps }));
          await rollout.phase('baking');
          await stop();
          await delay(3_000);
          await stage.startWorker();
          const { shares } = await rollout.expectOutcome('promoted');
          assert.deepEqual(shares, [0, 25, 50, 100]);
          // Three shares, and a second instance before the last.
          assert.equal(stage.effects('UpdateEndpointWeightsAndCapacities', 'relay'), 4);
          await rollout.assertReplaced();
        }),
    },
  ],
};

async function abortTraining(stage: E2eEnvironment): Promise<void> {
  await stage.startWorker();
  const models = { baseline: trained('early'), candidate: trained('early') };
  const rollout = await stage.start(specOf('early', { models, serve: newServe }));
  await rollout.until(bothJobsRun);
  await stage.rollouts.abort('early', ben);
  const { result, commands } = await rollout.expectOutcome('aborted');
  assert.equal(result.reason, 'aborted by ben: looks wrong');
  assert.deepEqual(commands, [{ command: 'abort', actor: 'ben', accepted: true }]);
  for (const TrainingJobName of Object.values(rollout.names.singleConfig)) {
    const job = await stage.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }));
    assert.equal(job.TrainingJobStatus, 'Stopped');
  }
  assert.equal(stage.effects('CreateEndpoint', 'early'), 0);
}
