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
  about: 'operators',
  scenarios: [
    {
      it: 'abort: jobs are training -> jobs are stopped, no endpoint is created',
      run: () => E2eEnvironment.withOwnEnvironment('early', abortTraining, longTraining),
    },
    {
      it: 'start: rollout of the endpoint is running -> rejected with its phase; abort in a bake -> verified',
      async run(environment) {
        await environment.putLive('busy');
        const rollout = await environment.start(specOf('busy', { strategy: longBake }));
        await rollout.phase('baking');
        await assert.rejects(environment.rollouts.start(specOf('busy'), { startedBy: 'ben' }), (error) => {
          assert.ok(error instanceof RolloutAlreadyRunning);
          assert.deepEqual([error.phase, error.startedBy], ['baking', 'ana']);
          return true;
        });
        await environment.rollouts.abort('busy', ben);
        const { shares } = await rollout.expectOutcome('aborted');
        assert.deepEqual(shares, [0, 50, 0]);
        await rollout.assertOriginal();
      },
    },
    {
      it: 'promote --full: steps remain -> they are skipped, promoted',
      async run(environment) {
        await environment.putLive('hurried');
        const strategy = { canary: { steps: ['10%', '50%', { share: '100%', bake: '10s' }], bake: '10m' } };
        const rollout = await environment.start(specOf('hurried', { strategy }));
        await rollout.phase('baking');
        await environment.rollouts.promote('hurried', { ...ben, full: true });
        const { shares } = await rollout.expectOutcome('promoted');
        assert.deepEqual(shares, [0, 10, 100]);
        await rollout.assertReplaced();
      },
    },
    {
      it: 'pause: bake passes -> next step begins only after resume',
      async run(environment) {
        await environment.putLive('patient');
        const rollout = await environment.start(specOf('patient', { strategy: twoSteps }));
        await rollout.phase('baking');
        await environment.rollouts.pause('patient', ben);
        await rollout.until(({ verdicts }) => verdicts.some(({ result }) => result === 'pass'));
        await delay(12_000);
        const paused = await rollout.phase('baking');
        assert.deepEqual([paused.step.n, paused.paused], [1, true]);
        await environment.rollouts.resume('patient', ben);
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
      it: 'worker replacement: in the middle of a bake -> promoted, every change is made once',
      run: () =>
        E2eEnvironment.withOwnEnvironment('relay', async (environment) => {
          const stop = await environment.startWorker();
          await environment.putLive('relay');
          const rollout = await environment.start(specOf('relay', { strategy: twoSteps }));
          await rollout.phase('baking');
          await stop();
          await delay(3_000);
          await environment.startWorker();
          const { shares } = await rollout.expectOutcome('promoted');
          assert.deepEqual(shares, [0, 25, 50, 100]);
          // Three shares, and a second instance before the last share.
          assert.equal(environment.effects('UpdateEndpointWeightsAndCapacities', 'relay'), 4);
          await rollout.assertReplaced();
        }),
    },
  ],
};

async function abortTraining(environment: E2eEnvironment): Promise<void> {
  await environment.startWorker();
  const models = { baseline: trained('early'), candidate: trained('early') };
  const rollout = await environment.start(specOf('early', { models, serve: newServe }));
  await rollout.until(bothJobsRun);
  await environment.rollouts.abort('early', ben);
  const { result, commands } = await rollout.expectOutcome('aborted');
  assert.equal(result.reason, 'aborted by ben: looks wrong');
  assert.deepEqual(commands, [{ command: 'abort', actor: 'ben', accepted: true }]);
  for (const TrainingJobName of Object.values(rollout.names.singleConfig)) {
    const job = await environment.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }));
    assert.equal(job.TrainingJobStatus, 'Stopped');
  }
  assert.equal(environment.effects('CreateEndpoint', 'early'), 0);
}
