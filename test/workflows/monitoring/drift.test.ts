import assert from 'node:assert/strict';
import type { Drift } from '../../../src/activities/interface/traffic.js';
import type { WatchReport } from '../../../src/activities/interface/watch.js';
import { withRollout } from '../harness.js';
import { names, verdict, FakeActivities } from '../fake-activities.js';

const foreignWeights: Drift = {
  kind: 'weights',
  message: 'endpoint digits: baseline has 60 % of the traffic, not 90 %',
  weights: { baseline: 60, candidate: 40 },
};
const foreignConfig: Drift = {
  kind: 'config',
  message: 'endpoint digits is on config x, not on y',
  weights: null,
};

function report(drift: Drift): Partial<WatchReport> {
  return { kind: 'drift', message: drift.message, drift };
}

/** Someone changes the endpoint during the first bake, once for each drift. */
function changedWorld(policy: 'hold' | 'revert' | 'adopt', ...drifts: Drift[]): FakeActivities {
  const world = new FakeActivities({ drift: policy });
  world.reports.push(
    () => ({}),
    ...drifts.map((drift) => () => {
      world.config = drift.kind === 'config' ? 'x' : names.sideBySideConfig;
      if (drift.weights) world.setShares(drift.weights);
      return report(drift);
    }),
    () => {
      // The author of a change that is neither reverted nor adopted reverts it.
      if (policy !== 'adopt') world.setShares({ baseline: 90, candidate: 10 });
      return {};
    },
    () => ({}),
  );
  return world;
}

async function play(world: FakeActivities) {
  const { result, timeline } = await withRollout(world, async (running) => ({
    result: await running.result(),
    timeline: await running.timeline(),
  }));
  return { result, said: timeline.map(({ message }) => message) };
}

describe('drift policy revert', () => {
  it('drift policy revert: external weights -> reverted, and operators are notified', async () => {
    const world = changedWorld('revert', foreignWeights);
    world.plan.notify = [
      { kind: 'slack', address: { url: 'https://example.com' }, notificationEvents: ['hold'] },
    ] as unknown as typeof world.plan.notify;
    const { result, said } = await play(world);
    assert.equal(result.outcome, 'promoted', result.reason);
    const message = `reverting an external change: ${foreignWeights.message}`;
    assert.ok(said.includes(message));
    assert.deepEqual(
      world.notifications.map(({ notification }) => notification.message),
      [message],
    );
    assert.equal(
      world.calls.filter((call) => call.startsWith('setWeights')).length,
      4,
      'one more than the steps',
    );
    assert.deepEqual(
      said.filter((one) => one.startsWith('holding')),
      [],
    );
  });

  it('drift policy revert: external config -> config and weights are reverted', async () => {
    const world = changedWorld('revert', foreignConfig);
    const { result } = await play(world);
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.equal(world.config, names.singleConfig.candidate);
    assert.equal(
      world.calls.filter((call) => call.startsWith('deploy')).length,
      3,
      'sideBySide, revert, candidate only',
    );
  });

  it('drift policy revert: a fourth external change -> holds', async () => {
    const world = changedWorld('revert', ...Array.from({ length: 4 }, () => foreignWeights));
    const { said } = await play(world);
    assert.equal(said.filter((one) => one.startsWith('reverting')).length, 3);
    assert.ok(said.includes(`holding: ${foreignWeights.message}; drift was already reverted 3 times`));
  });

  it("drift policy revert: the revert fails, or another owner's tag -> holds", async () => {
    const world = changedWorld('revert', foreignConfig, {
      kind: 'ownership',
      message: 'tagged as of another',
      weights: null,
    });
    const [, changed] = world.reports;
    world.reports[1] = (...looked) => {
      world.failures.push({ activity: 'deploy', type: 'UpdateReverted', message: 'no capacity' });
      return changed?.(...looked) ?? {};
    };
    const { said } = await play(world);
    assert.ok(
      said.some((one) => /^holding: .*could not revert the change: no capacity/.test(one)),
      said.join('\n'),
    );
    assert.ok(said.includes('holding: tagged as of another'));
  });
});

describe('drift policy adopt', () => {
  it('drift policy adopt: external weights -> adopted, and the split is published', async () => {
    const world = changedWorld('adopt', foreignWeights);
    const { result, said } = await play(world);
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.ok(said.includes(`adopting an external change: ${foreignWeights.message}`));
    assert.ok(said.includes('candidate to 40 %'));
  });

  it('drift policy adopt: another external change -> holds', async () => {
    const { said } = await play(changedWorld('adopt', { ...foreignConfig, kind: 'ownership' }));
    assert.ok(said.includes(`holding: ${foreignConfig.message}; only weights can be adopted`));
  });
});

describe('unreadable guardrail', () => {
  it('bake: unreadable metrics -> holds and notifies once, continues when they are readable again', async () => {
    const world = new FakeActivities();
    const slack = { kind: 'slack' as const, address: { url: 'https://example.com' } };
    world.plan.notify = [{ ...slack, notificationEvents: ['hold'] }];
    const unreadable = {
      ...verdict('error', 'error rate: cannot be read (CloudWatch is away)'),
      reason: 'readError' as const,
    };
    world.reports.push(
      () => ({}),
      () => ({ kind: 'round', verdicts: [unreadable] }),
      () => ({ kind: 'round', verdicts: [unreadable] }),
      () => ({}),
    );
    const { result, said } = await play(world);
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.equal(said.filter((one) => one === `holding: ${unreadable.message}`).length, 1);
    assert.ok(said.includes(`no longer holding: ${unreadable.message}`));
    assert.deepEqual(
      world.notifications.map(({ notification }) => notification.message),
      [unreadable.message],
    );
  });
});
