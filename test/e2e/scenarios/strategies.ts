import assert from 'node:assert/strict';
import type { Group } from '../scenario.js';
import { shortenedExample } from '../fast-specs.js';
import { createModel } from '../live-endpoint.js';

const ben = { actor: 'ben', reason: 'looks good' };
const errorRate = { metric: 'errorRate', below: '2%', minimumRequests: 50, window: '10s', dataDelay: '2s' };
const guardrails = [errorRate];

export const strategies: Group = {
  about: 'strategies and topologies of the examples',
  scenarios: [
    {
      it: 'blue/green: undo in the rollback window -> waits for approval, switches in one step, switches back',
      async run(environment) {
        await environment.putLive('prices');
        await createModel(environment.sagemaker, 'prices-2026-10');
        const rollout = await environment.start(
          shortenedExample('blue-green.yaml', { guardrails, rollbackWindow: '1h', ...validated }),
        );
        await rollout.phase('gated');
        await environment.rollouts.promote('prices', ben);
        await rollout.phase('rollbackWindow');
        await environment.rollouts.undo('prices', { actor: 'ben', reason: 'wrong prices' });
        const { result, shares } = await rollout.expectOutcome('aborted');
        assert.equal(result.reason, 'undone by ben: wrong prices');
        assert.deepEqual(shares, [0, 100, 0]);
        await rollout.assertOriginal();
      },
    },
    {
      it: 'blue/green: rollback window ends -> only green is in service',
      async run(environment) {
        await environment.putLive('green');
        const models = { baseline: 'live', candidate: { model: 'green-2' } };
        const rollout = await environment.start(
          shortenedExample('blue-green.yaml', {
            endpoint: 'green',
            models,
            gates: [],
            guardrails,
            ...validated,
          }),
        );
        const { phases } = await rollout.expectOutcome('promoted');
        assert.ok(phases.includes('rollbackWindow'));
        await rollout.assertReplaced();
      },
    },
    {
      it: 'linear: comparison with the baseline passes -> share rises by quarters, promoted',
      async run(environment) {
        await environment.putLive('ranking');
        await createModel(environment.sagemaker, 'ranking-41');
        const compared = {
          metric: 'errorRate',
          notWorseThanBaselineBy: '50%',
          window: '10s',
          dataDelay: '2s',
        };
        const rollout = await environment.start(
          shortenedExample('linear.yaml', { guardrails: [errorRate, compared], freeze: [] }),
        );
        const { shares, result } = await rollout.expectOutcome('promoted');
        assert.deepEqual(shares, [0, 25, 50, 75, 100]);
        assert.equal(result.serving, 'ranking-41');
      },
    },
    {
      it: 'shadow, then canary: mirrored requests are healthy -> serves no users at first, promoted',
      async run(environment) {
        await environment.putLive('fraud');
        await createModel(environment.sagemaker, 'fraud-3');
        const steps = { canary: { steps: ['50%', '100%'], bake: '10s' } };
        const strategy = [{ shadow: { mirror: '100%', bake: '10s' } }, steps];
        const rollout = await environment.start(shortenedExample('shadow.yaml', { guardrails, strategy }));
        const mirrored = await rollout.until(({ verdicts }) =>
          verdicts.some(({ result }) => result === 'pass'),
        );
        assert.equal(mirrored.variants.find(({ role }) => role === 'candidate')?.setWeight, 0);
        const { shares, result } = await rollout.expectOutcome('promoted');
        assert.deepEqual(shares, [0, 50, 100]);
        assert.equal(result.serving, 'fraud-3');
      },
    },
    {
      it: 'shadow: mirrored requests fail -> failed, no user gets the candidate',
      async run(environment) {
        await environment.putLive('dark');
        await environment.emulator.setBehaviour({ model: 'dark-2', errorRate: 0.2 });
        const models = { baseline: 'live', candidate: { model: 'dark-2' } };
        const rollout = await environment.start(
          shortenedExample('shadow.yaml', { endpoint: 'dark', models, guardrails }),
        );
        const { result, shares } = await rollout.expectOutcome('failed');
        assert.match(result.reason, /error rate/);
        assert.deepEqual(shares, [0]);
        await rollout.assertOriginal();
      },
    },
    {
      it: 'first deployment: candidate is healthy -> validated, monitored, promoted',
      async run(environment) {
        await createModel(environment.sagemaker, 'newcomer-1');
        await environment.sendUsers('newcomer');
        const rollout = await environment.start(shortenedExample('first-deployment.yaml', { guardrails }));
        const { result, shares } = await rollout.expectOutcome('promoted');
        assert.equal(result.serving, 'newcomer-1');
        assert.deepEqual(shares, [100]);
        const variant = rollout.names.variant.candidate;
        await rollout.assertPromoted({ model: 'newcomer-1', count: 2, kept: [], variant });
      },
    },
    {
      it: 'first deployment: candidate fails -> rolled back, no resources remain',
      async run(environment) {
        await createModel(environment.sagemaker, 'stumbler-1');
        await environment.emulator.setBehaviour({ model: 'stumbler-1', errorRate: 0.2 });
        await environment.sendUsers('stumbler');
        const models = { candidate: { model: 'stumbler-1' } };
        const rollout = await environment.start(
          shortenedExample('first-deployment.yaml', {
            endpoint: 'stumbler',
            models,
            guardrails,
            validate: undefined,
          }),
        );
        await rollout.expectOutcome('rolledBack');
        const { status, configs } = await rollout.served();
        assert.deepEqual([status, configs], [undefined, []]);
      },
    },
    {
      it: 'two endpoints: traffic shifts -> instance counts follow the traffic, one endpoint remains',
      async run(environment) {
        await environment.putLive('search');
        await createModel(environment.sagemaker, 'search-9');
        const strategy = { canary: { steps: ['25%', '50%', '100%'], bake: '10s' } };
        const { serve } = shortenedExample('two-endpoints.yaml') as unknown as { serve: object };
        const rollout = await environment.start(
          shortenedExample('two-endpoints.yaml', { serve, strategy, guardrails: [], rollbackWindow: '5s' }),
        );
        const { result, shares } = await rollout.expectOutcome('promoted');
        assert.deepEqual(shares, [0, 25, 50, 100]);
        assert.equal(result.serving, 'search-9');
        await rollout.assertPromoted({ model: 'search-9', count: 4, kept: ['search-original'] });
        assert.equal(environment.effects('DeleteEndpoint', rollout.rolloutId), 1);
      },
    },
  ],
};

const validated = { validate: { smoke: [{ body: { sku: 'A-1' } }] } };
