import assert from 'node:assert/strict';
import type { Plan } from '../../../src/plan/compiled/plan.js';
import { withRollout } from '../harness.js';
import { names, FakeActivities } from '../fake-activities.js';

/** Nothing serves before it, and each model gets an endpoint. */
function newWorld(change: Partial<Plan> = {}): FakeActivities {
  const world = new FakeActivities({
    topology: 'endpoints',
    serve: { instanceType: 'ml.m5.large', count: 1, metricPeriodSeconds: 60, capacity: 'full' },
    ...change,
  });
  world.plan.models.baseline = { kind: 'model', modelName: 'digits-old' };
  world.starting = { kind: 'absent' };
  world.endpoints.clear();
  return world;
}

const deletion = `deleteConfig ${names.singleConfig.baseline}`;

describe('cleaning up after a first deployment on two endpoints', () => {
  for (const [how, stays] of Object.entries({ 'cannot be created': false, 'never comes into service': true }))
    it(`takes the baseline's config away where its endpoint ${how}`, async () => {
      const world = newWorld();
      const before = { config: names.singleConfig.baseline, weights: {}, counts: {} };
      if (stays) world.endpoints.set('digits', before);
      world.endpointStatus = 'Failed';
      world.failures.push({ activity: 'deploy', type: 'EndpointFailed', message: 'no capacity' });
      const result = await withRollout(world, (running) => running.result());
      assert.deepEqual([result.outcome, result.leftovers], ['failed', []]);
      assert.equal(world.calls.filter((call) => call === deletion).length, 1, world.calls.join());
      assert.equal(world.endpoints.size, 0);
    });

  it("says that the baseline's config is left over where it cannot be deleted", async () => {
    const world = newWorld();
    world.failures.push({ activity: 'deploy', type: 'EndpointFailed', message: 'no capacity' });
    for (let n = 0; n < 3; n++)
      world.failures.push({ activity: 'deleteConfig', type: 'AccessDenied', message: 'not authorized' });
    const { leftovers } = await withRollout(world, (running) => running.result());
    assert.ok(leftovers.includes(`endpoint config ${names.singleConfig.baseline}`), leftovers.join());
  });

  it('leaves the config that the baseline serves on where the candidate is not good', async () => {
    const validation = { smoke: { requests: [] }, golden: null, load: null, latency: null };
    const world = newWorld({ validation });
    world.failures.push({ activity: 'validate', type: 'ValidationFailed', message: 'no answer' });
    const result = await withRollout(world, (running) => running.result());
    assert.deepEqual([result.outcome, result.leftovers], ['failed', []]);
    assert.equal(world.config, names.singleConfig.baseline);
    assert.ok(!world.calls.includes(deletion), world.calls.join());
  });
});
