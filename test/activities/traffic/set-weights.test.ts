import assert from 'node:assert/strict';
import { candidateVariant, rolloutId, endpointsTraffic, variantsTraffic } from '../endpoint/arms.js';
import { splitAt } from './splits.js';
import { failureOf, ActivityTestEnvironment, variantOf } from '../activity-environment.js';

describe('setting weights', () => {
  let stage: ActivityTestEnvironment;
  const wish = { traffic: variantsTraffic('both'), weights: { baseline: 99.9, candidate: 0.1 } };
  beforeEach(async () => {
    stage = await ActivityTestEnvironment.open();
    await stage.putModel('digits-v1');
    await stage.putModel('digits-v2');
    await stage.putConfig('both', [
      variantOf('main', 'digits-v1', 1, 100),
      variantOf(candidateVariant, 'digits-v2', 1, 0),
    ]);
    await stage.putEndpoint('both');
  });
  afterEach(() => stage.close());

  it('reads back 99.9 and 0.1, though SageMaker keeps 32-bit floats', async () => {
    const observation = await stage.run('setWeights', wish);
    assert.deepEqual(
      observation.variants.map(({ currentWeight }) => Math.round(currentWeight * 1000) / 1000),
      [99.9, 0.1],
    );
    assert.equal(stage.calls('UpdateEndpointWeightsAndCapacities'), 1);
  });

  it('asks for nothing where the shares are there already', async () => {
    await stage.run('setWeights', wish);
    await stage.run('setWeights', wish);
    assert.equal(stage.calls('UpdateEndpointWeightsAndCapacities'), 1);
  });

  it('is not confused by a lost answer', async () => {
    stage.emulator.faults.add({ operation: 'UpdateEndpointWeightsAndCapacities', kind: 'lostResponse' });
    const observation = await stage.run('setWeights', wish);
    assert.equal(observation.status, 'InService');
  });

  it('calls another config drift, and a missing endpoint gone', async () => {
    const elsewhere = { ...wish, traffic: variantsTraffic('other') };
    await assert.rejects(
      stage.run('setWeights', elsewhere),
      failureOf('Drift', /on config both, not on other/),
    );
    const { baseline, candidate } = wish.traffic.arms;
    const none = { ...candidate, endpoint: 'none' };
    await assert.rejects(
      stage.run('setWeights', {
        ...wish,
        traffic: { topology: 'variants', arms: { baseline: null, candidate: none } },
      }),
      failureOf('EndpointNotFound', /endpoint none no longer exists/),
    );
    await assert.rejects(
      stage.run('setWeights', {
        ...wish,
        traffic: { topology: 'variants', arms: { baseline: null, candidate } },
      }),
      failureOf('Drift', /unknown variant main/),
    );
    const missing = { ...candidate, variant: 'c' };
    await assert.rejects(
      stage.run('setWeights', {
        ...wish,
        traffic: { topology: 'variants', arms: { baseline, candidate: missing } },
      }),
      failureOf('Drift', /has no variant c/),
    );
  });
});

describe('setting weights between two endpoints', () => {
  let stage: ActivityTestEnvironment;
  const half = { traffic: endpointsTraffic, weights: { baseline: 50, candidate: 50 } };
  const back = { traffic: endpointsTraffic, weights: { baseline: 100, candidate: 0 } };
  beforeEach(async () => {
    stage = await ActivityTestEnvironment.open();
    await stage.putLiveEndpoint();
    await stage.putModel('digits-v2');
    await stage.putConfig(`${rolloutId}-b`, [variantOf(candidateVariant, 'digits-v2', 1, 7)]);
    await stage.putEndpoint(`${rolloutId}-b`, rolloutId);
  });
  afterEach(() => stage.close());

  it('is done when the published split says so, and asks AWS for nothing', async () => {
    stage.split = splitAt(50);
    const observation = await stage.run('setWeights', half);
    assert.deepEqual(
      observation.variants.map(({ endpoint, currentWeight, desiredWeight }) => [
        endpoint,
        currentWeight,
        desiredWeight,
      ]),
      [
        ['digits', 50, 50],
        [rolloutId, 50, 50],
      ],
    );
    assert.equal(stage.calls('UpdateEndpointWeightsAndCapacities'), 0);
  });

  it('waits while the split says something else, or there is none', async () => {
    const attempts = stage.start('setWeights', half);
    assert.ok('retried' in (await attempts.once()));
    stage.split = splitAt(20);
    assert.ok('retried' in (await attempts.once()));
    stage.split = splitAt(50);
    assert.equal((await attempts.all(1)).status, 'InService');
  });

  it('waits for an endpoint that is to get traffic', async () => {
    stage.split = splitAt(50);
    await stage.emulator.cause({ event: 'systemUpdate', endpoint: rolloutId, seconds: 60 });
    const attempts = stage.start('setWeights', half);
    await attempts.all();
    assert.match(attempts.messages[0] ?? '', /to be set; it is SystemUpdating/);
  });

  it('calls another config of either endpoint drift', async () => {
    stage.split = splitAt(50);
    const { baseline, candidate } = endpointsTraffic.arms;
    const moved = { ...candidate, configName: 'other' };
    await assert.rejects(
      stage.run('setWeights', {
        ...half,
        traffic: { topology: 'endpoints', arms: { baseline, candidate: moved } },
      }),
      failureOf('Drift', /endpoint digits-1a2b3c4d is on config digits-1a2b3c4d-b, not on other/),
    );
  });

  it('brings everyone back to the baseline, whatever has become of the candidate’s endpoint', async () => {
    stage.split = splitAt(0);
    await stage.emulator.cause({ event: 'outOfService', endpoint: rolloutId, on: true });
    assert.equal((await stage.run('setWeights', back)).status, 'InService');
    const { baseline, candidate } = endpointsTraffic.arms;
    const gone = { ...candidate, endpoint: 'gone' };
    const traffic = { topology: 'endpoints' as const, arms: { baseline, candidate: gone } };
    assert.equal((await stage.run('setWeights', { ...back, traffic })).status, 'InService');
    stage.split = splitAt(50);
    await assert.rejects(stage.run('setWeights', half), failureOf('EndpointFailed', /OutOfService/));
  });
});
