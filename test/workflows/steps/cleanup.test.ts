import assert from 'node:assert/strict';
import type { Plan } from '../../../src/plan/compiled/plan.js';
import { withRollout } from '../harness.js';
import { names, FakeActivities } from '../fake-activities.js';

/** No endpoint is live, and each model gets its own. */
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

describe('cleanup', () => {
  for (const [how, exists] of Object.entries({
    'cannot be created': false,
    'never comes into service': true,
  }))
    it(`cleanup: the baseline's new endpoint ${how} -> its config is deleted`, async () => {
      const world = newWorld();
      const before = { config: names.singleConfig.baseline, weights: {}, counts: {} };
      if (exists) world.endpoints.set('digits', before);
      world.endpointStatus = 'Failed';
      world.failures.push({ activity: 'deploy', type: 'EndpointFailed', message: 'no capacity' });
      const result = await withRollout(world, (running) => running.result());
      assert.deepEqual([result.outcome, result.leftovers], ['failed', []]);
      assert.equal(world.calls.filter((call) => call === deletion).length, 1, world.calls.join());
      assert.equal(world.endpoints.size, 0);
    });

  it("cleanup: the baseline's config cannot be deleted -> it is among the leftovers", async () => {
    const world = newWorld();
    world.failures.push({ activity: 'deploy', type: 'EndpointFailed', message: 'no capacity' });
    for (let n = 0; n < 3; n++)
      world.failures.push({ activity: 'deleteConfig', type: 'AccessDenied', message: 'not authorized' });
    const { leftovers } = await withRollout(world, (running) => running.result());
    assert.ok(leftovers.includes(`endpoint config ${names.singleConfig.baseline}`), leftovers.join());
  });

  it('cleanup: the candidate fails validation -> the baseline keeps its config', async () => {
    const validation = { smoke: { requests: [] }, golden: null, load: null, latency: null };
    const world = newWorld({ validation });
    world.failures.push({ activity: 'validate', type: 'ValidationFailed', message: 'no answer' });
    const result = await withRollout(world, (running) => running.result());
    assert.deepEqual([result.outcome, result.leftovers], ['failed', []]);
    assert.equal(world.config, names.singleConfig.baseline);
    assert.ok(!world.calls.includes(deletion), world.calls.join());
  });
});
