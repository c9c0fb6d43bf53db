import assert from 'node:assert/strict';
import type { ApplicationFailure } from '@temporalio/common';
import { candidateVariant, rolloutId, endpointsTraffic, variantsTraffic } from '../endpoint/arms.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { splitAt } from './splits.js';
import { failureOf, ActivityTestEnvironment, variantOf } from '../activity-environment.js';

describe('setWeights', () => {
  let testEnv: ActivityTestEnvironment;
  const request = { traffic: variantsTraffic('both'), weights: { baseline: 99.9, candidate: 0.1 } };
  beforeEach(async () => {
    testEnv = await ActivityTestEnvironment.open();
    await testEnv.putModel('digits-v1');
    await testEnv.putModel('digits-v2');
    await testEnv.putConfig('both', [
      variantOf('main', 'digits-v1', 1, 100),
      variantOf(candidateVariant, 'digits-v2', 1, 0),
    ]);
    await testEnv.putEndpoint('both');
  });
  afterEach(() => testEnv.close());

  it('setWeights: 99.9 and 0.1 % -> verified within 32-bit rounding', async () => {
    const observation = await testEnv.run('setWeights', request);
    assert.deepEqual(
      observation.variants.map(({ currentWeight }) => Math.round(currentWeight * 1000) / 1000),
      [99.9, 0.1],
    );
    assert.equal(testEnv.calls('UpdateEndpointWeightsAndCapacities'), 1);
  });

  it('setWeights: shares already set -> no request', async () => {
    await testEnv.run('setWeights', request);
    await testEnv.run('setWeights', request);
    assert.equal(testEnv.calls('UpdateEndpointWeightsAndCapacities'), 1);
  });

  it('setWeights: a freeze has begun -> Frozen, no request', async () => {
    const freeze = [{ kind: 'once', from: '2020-01-01T00:00', to: '2099-01-01T00:00', zone: 'UTC' } as const];
    await assert.rejects(testEnv.run('setWeights', { ...request, freeze }), (error: ApplicationFailure) => {
      assertRunbookEntry(error.type, 'Frozen');
      return error.message.endsWith('nothing was changed');
    });
    assert.equal(testEnv.calls('UpdateEndpointWeightsAndCapacities'), 0);
  });

  it('setWeights: response lost -> verified', async () => {
    testEnv.emulator.faults.add({ operation: 'UpdateEndpointWeightsAndCapacities', kind: 'lostResponse' });
    const observation = await testEnv.run('setWeights', request);
    assert.equal(observation.status, 'InService');
  });

  it('setWeights: other config or variants -> Drift, missing endpoint -> EndpointNotFound', async () => {
    const elsewhere = { ...request, traffic: variantsTraffic('other') };
    await assert.rejects(
      testEnv.run('setWeights', elsewhere),
      failureOf('Drift', /on config both, not on other/),
    );
    const { baseline, candidate } = request.traffic.arms;
    const none = { ...candidate, endpoint: 'none' };
    await assert.rejects(
      testEnv.run('setWeights', {
        ...request,
        traffic: { topology: 'variants', arms: { baseline: null, candidate: none } },
      }),
      failureOf('EndpointNotFound', /endpoint none no longer exists/),
    );
    await assert.rejects(
      testEnv.run('setWeights', {
        ...request,
        traffic: { topology: 'variants', arms: { baseline: null, candidate } },
      }),
      failureOf('Drift', /unknown variant main/),
    );
    const missing = { ...candidate, variant: 'c' };
    await assert.rejects(
      testEnv.run('setWeights', {
        ...request,
        traffic: { topology: 'variants', arms: { baseline, candidate: missing } },
      }),
      failureOf('Drift', /has no variant c/),
    );
  });
});

describe('setWeights between two endpoints', () => {
  let testEnv: ActivityTestEnvironment;
  const half = { traffic: endpointsTraffic, weights: { baseline: 50, candidate: 50 } };
  const back = { traffic: endpointsTraffic, weights: { baseline: 100, candidate: 0 } };
  beforeEach(async () => {
    testEnv = await ActivityTestEnvironment.open();
    await testEnv.putLiveEndpoint();
    await testEnv.putModel('digits-v2');
    await testEnv.putConfig(`${rolloutId}-b`, [variantOf(candidateVariant, 'digits-v2', 1, 7)]);
    await testEnv.putEndpoint(`${rolloutId}-b`, rolloutId);
  });
  afterEach(() => testEnv.close());

  it('setWeights: split published -> done without an AWS request', async () => {
    testEnv.split = splitAt(50);
    const observation = await testEnv.run('setWeights', half);
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
    assert.equal(testEnv.calls('UpdateEndpointWeightsAndCapacities'), 0);
  });

  it('setWeights: no split, or another split -> polls again', async () => {
    const attempts = testEnv.start('setWeights', half);
    assert.ok('retried' in (await attempts.once()));
    testEnv.split = splitAt(20);
    assert.ok('retried' in (await attempts.once()));
    testEnv.split = splitAt(50);
    assert.equal((await attempts.all(1)).status, 'InService');
  });

  it('setWeights: endpoint with future traffic is updating -> polls again', async () => {
    testEnv.split = splitAt(50);
    await testEnv.emulator.cause({ event: 'systemUpdate', endpoint: rolloutId, seconds: 60 });
    const attempts = testEnv.start('setWeights', half);
    await attempts.all();
    assert.match(attempts.messages[0] ?? '', /waiting to set .*, its status is SystemUpdating/);
  });

  it('setWeights: other config of one endpoint -> Drift', async () => {
    testEnv.split = splitAt(50);
    const { baseline, candidate } = endpointsTraffic.arms;
    const moved = { ...candidate, configName: 'other' };
    await assert.rejects(
      testEnv.run('setWeights', {
        ...half,
        traffic: { topology: 'endpoints', arms: { baseline, candidate: moved } },
      }),
      failureOf('Drift', /endpoint digits-1a2b3c4d is on config digits-1a2b3c4d-b, not on other/),
    );
  });

  it('setWeights: rollback with an unhealthy or missing candidate endpoint -> done', async () => {
    testEnv.split = splitAt(0);
    await testEnv.emulator.cause({ event: 'outOfService', endpoint: rolloutId, on: true });
    assert.equal((await testEnv.run('setWeights', back)).status, 'InService');
    const { baseline, candidate } = endpointsTraffic.arms;
    const missing = { ...candidate, endpoint: 'missing' };
    const traffic = { topology: 'endpoints' as const, arms: { baseline, candidate: missing } };
    assert.equal((await testEnv.run('setWeights', { ...back, traffic })).status, 'InService');
    testEnv.split = splitAt(50);
    await assert.rejects(testEnv.run('setWeights', half), failureOf('EndpointFailed', /OutOfService/));
  });
});
