import assert from 'node:assert/strict';
import type { Group } from '../scenario.js';
import { hurried } from '../fast-specs.js';
import { createModel } from '../live-endpoint.js';

const ben = { actor: 'ben', reason: 'looks good' };
const judged = { metric: 'errorRate', below: '2%', minimumRequests: 50, window: '10s', dataDelay: '2s' };
const guardrails = [judged];

export const strategies: Group = {
  about: 'every strategy and topology, as its example says',
  scenarios: [
    {
      it: 'blue-green waits for a person, switches at once, and switches back at once on undo',
      async play(stage) {
        await stage.putLive('prices');
        await createModel(stage.sagemaker, 'prices-2026-10');
        const rollout = await stage.start(
          hurried('blue-green.yaml', { guardrails, rollbackWindow: '1h', ...validated }),
        );
        await rollout.phase('gated');
        await stage.rollouts.promote('prices', ben);
        await rollout.phase('rollbackWindow');
        await stage.rollouts.undo('prices', { actor: 'ben', reason: 'wrong prices' });
        const { result, shares } = await rollout.expectOutcome('aborted');
        assert.equal(result.reason, 'undone by ben: wrong prices');
        assert.deepEqual(shares, [0, 100, 0]);
        await rollout.assertOriginal();
      },
    },
    {
      it: 'blue-green leaves green alone when its window is over',
      async play(stage) {
        await stage.putLive('green');
        const models = { baseline: 'live', candidate: { model: 'green-2' } };
        const rollout = await stage.start(
          hurried('blue-green.yaml', { endpoint: 'green', models, gates: [], guardrails, ...validated }),
        );
        const { phases } = await rollout.expectOutcome('promoted');
        assert.ok(phases.includes('rollbackWindow'));
        await rollout.assertReplaced();
      },
    },
    {
      it: 'linear goes up quarter by quarter, compared with the baseline all the way',
      async play(stage) {
        await stage.putLive('ranking');
        await createModel(stage.sagemaker, 'ranking-41');
        const compared = {
          metric: 'errorRate',
          notWorseThanBaselineBy: '50%',
          window: '10s',
          dataDelay: '2s',
        };
        const rollout = await stage.start(
          hurried('linear.yaml', { guardrails: [judged, compared], freeze: [] }),
        );
        const { shares, result } = await rollout.expectOutcome('promoted');
        assert.deepEqual(shares, [0, 25, 50, 75, 100]);
        assert.equal(result.serving, 'ranking-41');
      },
    },
    {
      it: 'a shadow gets copies, answers nobody, and then becomes the canary',
      async play(stage) {
        await stage.putLive('fraud');
        await createModel(stage.sagemaker, 'fraud-3');
        const steps = { canary: { steps: ['50%'], bake: '10s' } };
        const strategy = [{ shadow: { mirror: '100%', bake: '10s' } }, steps];
        const rollout = await stage.start(hurried('shadow.yaml', { guardrails, strategy }));
        const mirrored = await rollout.until(({ verdicts }) =>
          verdicts.some(({ result }) => result === 'pass'),
        );
        assert.equal(mirrored.variants.find(({ role }) => role === 'candidate')?.setWeight, 0);
        const { shares, result } = await rollout.expectOutcome('promoted');
        assert.deepEqual(shares, [0, 0, 50, 100]);
        assert.equal(result.serving, 'fraud-3');
      },
    },
    {
      it: 'a shadow with errors is taken away, and no user has met it',
      async play(stage) {
        await stage.putLive('dark');
        await stage.emulator.setBehaviour({ model: 'dark-2', errorRate: 0.2 });
        const models = { baseline: 'live', candidate: { model: 'dark-2' } };
        const rollout = await stage.start(hurried('shadow.yaml', { endpoint: 'dark', models, guardrails }));
        const { result, shares } = await rollout.expectOutcome('failed');
        assert.match(result.reason, /error rate/);
        assert.deepEqual(shares, [0]);
        await rollout.assertOriginal();
      },
    },
    {
      it: 'a first deployment is tried, watched, and serves',
      async play(stage) {
        await createModel(stage.sagemaker, 'newcomer-1');
        await stage.sendUsers('newcomer');
        const rollout = await stage.start(hurried('first-deployment.yaml', { guardrails }));
        const { result, shares } = await rollout.expectOutcome('promoted');
        assert.equal(result.serving, 'newcomer-1');
        assert.deepEqual(shares, [100]);
        await rollout.assertPromoted({ model: 'newcomer-1', count: 2, kept: [] });
      },
    },
    {
      it: 'a first deployment that does badly leaves nothing behind',
      async play(stage) {
        await createModel(stage.sagemaker, 'stumbler-1');
        await stage.emulator.setBehaviour({ model: 'stumbler-1', errorRate: 0.2 });
        await stage.sendUsers('stumbler');
        const models = { candidate: { model: 'stumbler-1' } };
        const rollout = await stage.start(
          hurried('first-deployment.yaml', { endpoint: 'stumbler', models, guardrails, validate: undefined }),
        );
        await rollout.expectOutcome('rolledBack');
        const { status, configs } = await rollout.served();
        assert.deepEqual([status, configs], [undefined, []]);
      },
    },
    {
      it: 'two endpoints take their instances along with the traffic, and leave one',
      async play(stage) {
        await stage.putLive('search');
        await createModel(stage.sagemaker, 'search-9');
        const strategy = { canary: { steps: ['25%', '50%'], bake: '10s' } };
        const { serve } = hurried('two-endpoints.yaml') as unknown as { serve: object };
        const rollout = await stage.start(
          hurried('two-endpoints.yaml', { serve, strategy, guardrails: [], rollbackWindow: '5s' }),
        );
        const { result, shares } = await rollout.expectOutcome('promoted');
        assert.deepEqual(shares, [0, 25, 50, 100]);
        assert.equal(result.serving, 'search-9');
        await rollout.assertPromoted({ model: 'search-9', count: 4, kept: ['search-original'] });
        assert.equal(stage.effects('DeleteEndpoint', rollout.rolloutId), 1);
      },
    },
  ],
};

const validated = { validate: { smoke: [{ body: { sku: 'A-1' } }] } };
