/** Nothing piles up from rollout to rollout. */
import assert from 'node:assert/strict';
import { ListEndpointConfigsCommand } from '@aws-sdk/client-sagemaker';
import type { Simulation } from '../../../src/simulation/simulation.js';
import { createModel } from '../../e2e/live-endpoint.js';
import { specOf } from '../../e2e/specs.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, resultOf } from '../waits/ranker-rollout.js';

async function configs({ aws }: Simulation): Promise<string[]> {
  const { EndpointConfigs = [] } = await aws.sagemaker.send(new ListEndpointConfigsCommand({}));
  return EndpointConfigs.map(({ EndpointConfigName = '' }) => EndpointConfigName).sort();
}

const spec = (model: string, fields: object = {}) =>
  specOf(endpoint, {
    models: { baseline: 'live', candidate: { model } },
    serve: {},
    strategy: { canary: { steps: ['50%', '100%'], bake: '5m' } },
    guardrails: [],
    ...fields,
  });

describe('config that a promotion replaces', () => {
  it("owner's config -> kept and named in the result; a rollout's config -> deleted by the next promotion", async () => {
    const simulation = await openWithEndpoint(endpoint);
    await createModel(simulation.aws.sagemaker, `${endpoint}-3`);
    simulation.startRollout(spec(`${endpoint}-2`));
    const first = await resultOf(simulation);
    assert.deepEqual([first.outcome, first.leftovers], ['promoted', []]);
    assert.deepEqual(first.unused, ['endpoint config ranker-original']);
    assert.deepEqual(await configs(simulation), [`${first.rolloutId}-b`, 'ranker-original']);

    simulation.startRollout(spec(`${endpoint}-3`, { rollbackWindow: '10m' }));
    const second = await resultOf(simulation);
    assert.deepEqual([second.outcome, second.leftovers, second.unused], ['promoted', [], []]);
    assert.deepEqual(await configs(simulation), [`${second.rolloutId}-b`, 'ranker-original']);
    await simulation.close();
  });

  it('rollback -> the config that serves again is kept', async () => {
    const simulation = await openWithEndpoint(endpoint);
    await createModel(simulation.aws.sagemaker, `${endpoint}-3`);
    simulation.startRollout(spec(`${endpoint}-2`));
    const first = await resultOf(simulation);
    await simulation.emulator.setBehaviour({ model: `${endpoint}-3`, errorRate: 0.5 });
    const guardrails = [{ metric: 'errorRate', below: '5%', minimumRequests: 50 }];
    simulation.startRollout(spec(`${endpoint}-3`, { guardrails }));
    const second = await resultOf(simulation);
    assert.deepEqual([second.outcome, second.leftovers, second.unused], ['rolledBack', [], []]);
    assert.deepEqual(await configs(simulation), [`${first.rolloutId}-b`, 'ranker-original']);
    await simulation.close();
  });
});
