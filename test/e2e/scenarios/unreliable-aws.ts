import assert from 'node:assert/strict';
import type { Group } from '../scenario.js';
import { newServe, specOf, trained } from '../specs.js';
import { createModel } from '../live-endpoint.js';
import { E2eEnvironment } from '../e2e-environment.js';

/** Calls of a rollout onto a new endpoint, with one trained model and one step: operation -> number. */
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
  about: 'AWS failures',
  scenarios: [
    {
      it: 'AWS: response of each kind of change is lost once -> promoted, every change is made once',
      async run(environment) {
        await createModel(environment.sagemaker, 'base-of-lost');
        await environment.sendUsers('lost');
        const operations = Object.keys(effects);
        for (const operation of operations) {
          environment.emulator.faults.add({ operation, kind: 'lostResponse', about: 'lost-' });
        }
        const models = { baseline: { model: 'base-of-lost' }, candidate: trained('lost') };
        const spec = specOf('lost', { models, serve: newServe });
        const rollout = await environment.start(spec);
        await rollout.expectOutcome('promoted');
        const candidate = rollout.names.singleConfig.candidate;
        const variant = rollout.names.variant.baseline;
        await rollout.assertPromoted({ model: candidate, count: 1, kept: [], variant });
        const seen = operations.map((operation) => [operation, environment.effects(operation, 'lost')]);
        assert.deepEqual(Object.fromEntries(seen), effects);
      },
    },
    {
      it: 'AWS: reads are throttled for a time -> promoted',
      run: () =>
        E2eEnvironment.withOwnEnvironment('throttled', async (environment) => {
          await environment.startWorker();
          await environment.putLive('throttled');
          const rollout = await environment.start(specOf('throttled'));
          await rollout.phase('baking');
          for (const operation of ['DescribeEndpoint', 'GetMetricData'])
            environment.emulator.faults.add({ operation, kind: 'throttle', count: 8 });
          const { shares } = await rollout.expectOutcome('promoted');
          assert.deepEqual(shares, [0, 50, 100]);
          assert.equal(environment.emulator.calls.count('DescribeEndpoint', 'ThrottlingException'), 8);
          assert.equal(environment.emulator.calls.count('GetMetricData', 'Throttling'), 8);
          await rollout.assertReplaced();
        }),
    },
    {
      it: 'AWS: endpoint update is silently reverted -> failed, baseline verified',
      async run(environment) {
        await environment.putLive('reverted');
        environment.emulator.faults.add({
          operation: 'UpdateEndpoint',
          kind: 'revertSilently',
          about: 'reverted',
        });
        const rollout = await environment.start(specOf('reverted'));
        const { result, shares, phases } = await rollout.expectOutcome('failed');
        assert.match(result.reason, /was reverted to reverted-original/);
        assert.equal(result.serving, 'reverted-1');
        assert.deepEqual(shares, []);
        assert.deepEqual(phases.slice(-3), ['rollingBack', 'cleaningUp', 'ended']);
        await rollout.assertOriginal();
      },
    },
    {
      it: 'AWS: creation of the endpoint fails -> failed, endpoint is deleted',
      async run(environment) {
        await createModel(environment.sagemaker, 'stillborn-1');
        await createModel(environment.sagemaker, 'stillborn-2');
        environment.emulator.faults.add({ operation: 'CreateEndpoint', kind: 'fail', about: 'stillborn' });
        const models = { baseline: { model: 'stillborn-1' }, candidate: { model: 'stillborn-2' } };
        const rollout = await environment.start(specOf('stillborn', { models, serve: newServe }));
        const { result } = await rollout.expectOutcome('failed');
        assert.match(result.reason, /did not pass the ping health check/);
        assert.deepEqual(await rollout.served(), {
          status: undefined,
          config: undefined,
          variants: [],
          configs: [],
        });
        assert.equal(environment.effects('DeleteEndpoint', 'stillborn'), 1);
      },
    },
  ],
};
