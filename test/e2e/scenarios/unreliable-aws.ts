import assert from 'node:assert/strict';
import type { Group } from '../scenario.js';
import { newServe, specOf, trained } from '../specs.js';
import { createModel } from '../live-endpoint.js';
import { E2eEnvironment } from '../e2e-environment.js';

/** Operation to how often a rollout onto a new endpoint, with one model to train and one step, needs it. */
const effects = {
  CreateTrainingJob: 1,
  CreateModel: 1,
  CreateEndpointConfig: 2,
  CreateEndpoint: 1,
  UpdateEndpointWeightsAndCapacities: 2,
  UpdateEndpoint: 1,
  DeleteEndpointConfig: 1,
};

export const unreliableAws: Group = {
  about: 'an unreliable AWS',
  scenarios: [
    {
      it: 'that loses the answer to every kind of change gets each of them once',
      async play(stage) {
        await createModel(stage.sagemaker, 'base-of-lost');
        await stage.sendUsers('lost');
        const operations = Object.keys(effects);
        for (const operation of operations) {
          stage.emulator.faults.add({ operation, kind: 'lostResponse', about: 'lost-' });
        }
        const models = { baseline: { model: 'base-of-lost' }, candidate: trained('lost') };
        const spec = specOf('lost', { models, serve: newServe });
        const rollout = await stage.start(spec);
        await rollout.expectOutcome('promoted');
        const candidate = rollout.names.singleConfig.candidate;
        await rollout.assertPromoted({ model: candidate, count: 1, kept: [] });
        const seen = operations.map((operation) => [operation, stage.effects(operation, 'lost')]);
        assert.deepEqual(Object.fromEntries(seen), effects);
      },
    },
    {
      it: 'that throttles reads for a while does no harm',
      play: () =>
        E2eEnvironment.withOwnEnvironment('throttled', async (stage) => {
          await stage.startWorker();
          await stage.putLive('throttled');
          const rollout = await stage.start(specOf('throttled'));
          await rollout.phase('baking');
          for (const operation of ['DescribeEndpoint', 'GetMetricData'])
            stage.emulator.faults.add({ operation, kind: 'throttle', count: 8 });
          const { shares } = await rollout.expectOutcome('promoted');
          assert.deepEqual(shares, [0, 50, 100]);
          assert.equal(stage.emulator.calls.count('DescribeEndpoint', 'ThrottlingException'), 8);
          assert.equal(stage.emulator.calls.count('GetMetricData', 'Throttling'), 8);
          await rollout.assertReplaced();
        }),
    },
    {
      it: 'that silently reverts the update is noticed: failed, with the baseline verified',
      async play(stage) {
        await stage.putLive('reverted');
        stage.emulator.faults.add({ operation: 'UpdateEndpoint', kind: 'revertSilently', about: 'reverted' });
        const rollout = await stage.start(specOf('reverted'));
        const { result, shares, phases } = await rollout.expectOutcome('failed');
        assert.match(result.reason, /was reverted to reverted-original/);
        assert.equal(result.serving, 'reverted-1');
        assert.deepEqual(shares, []);
        assert.deepEqual(phases.slice(-3), ['rollingBack', 'cleaningUp', 'ended']);
        await rollout.assertOriginal();
      },
    },
    {
      it: 'that fails to create the endpoint gets it removed again',
      async play(stage) {
        await createModel(stage.sagemaker, 'stillborn-1');
        await createModel(stage.sagemaker, 'stillborn-2');
        stage.emulator.faults.add({ operation: 'CreateEndpoint', kind: 'fail', about: 'stillborn' });
        const models = { baseline: { model: 'stillborn-1' }, candidate: { model: 'stillborn-2' } };
        const rollout = await stage.start(specOf('stillborn', { models, serve: newServe }));
        const { result } = await rollout.expectOutcome('failed');
        assert.match(result.reason, /did not pass the ping health check/);
        assert.deepEqual(await rollout.served(), {
          status: undefined,
          config: undefined,
          variants: [],
          configs: [],
        });
        assert.equal(stage.effects('DeleteEndpoint', 'stillborn'), 1);
      },
    },
  ],
};
