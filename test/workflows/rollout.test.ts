import assert from 'node:assert/strict';
import { withRollout } from './harness.js';
import { names, trainingModel, verdict, FakeActivities } from './fake-activities.js';

describe('successful rollout', () => {
  it('successful rollout: every bake is clear -> shifts step by step, promotes, only the candidate stays', async () => {
    const world = new FakeActivities();
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'promoted');
    assert.equal(result.serving, 'digits-new');
    assert.deepEqual(result.leftovers, []);
    assert.equal(world.config, names.singleConfig.candidate);
    assert.deepEqual(
      world.calls.filter((call) => !call.startsWith('watch')),
      [
        'compileRollout',
        'preflight',
        'observeEndpoint',
        `deploy ${names.sideBySideConfig}`,
        'observeEndpoint',
        'setWeights 90/10',
        'observeEndpoint',
        'setWeights 50/50',
        'observeEndpoint',
        'setWeights 0/100',
        `deploy ${names.singleConfig.candidate}`,
        `deleteConfig ${names.sideBySideConfig}`,
        `deleteConfig ${names.singleConfig.baseline}`,
      ],
    );
  });

  it('successful rollout: both models to train -> trained and created before the first deployment', async () => {
    const world = new FakeActivities({
      models: { baseline: trainingModel('a'), candidate: trainingModel('b') },
      serve: { instanceType: 'ml.m5.large', count: 1, metricPeriodSeconds: 60, capacity: 'full' },
    });
    world.starting = { kind: 'absent' };
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'promoted');
    assert.deepEqual(world.calls.slice(2, 6), ['trainModel', 'trainModel', 'createModel', 'createModel']);
  });

  it('plan query and status: a running rollout -> plan, earliest end and starter', async () => {
    const world = new FakeActivities();
    await withRollout(world, async (running) => {
      world.inProgress.add('deploy');
      const { startedBy } = await running.phase('deploying');
      assert.equal(startedBy, 'ana');
      const plan = await running.handle.query<{ rolloutId: string; earliestEnd: string }>('plan');
      assert.equal(plan.rolloutId, world.plan.rolloutId);
      assert.ok(Date.parse(plan.earliestEnd) > running.nowMs);
      world.inProgress.clear();
      await running.result();
    });
  });
});

describe('failing guardrail', () => {
  it('failing guardrail: during a bake -> rolls back to the config that served before', async () => {
    const world = new FakeActivities();
    const message = 'error rate 7.1 % is not < 1 %, window 1 of 6';
    world.reports.push(
      () => ({ kind: 'clear' }),
      () => ({ kind: 'fail', message, verdicts: [verdict('fail', message)] }),
    );
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'rolledBack');
    assert.equal(result.reason, message);
    assert.equal(world.config, 'digits-original');
    assert.equal(result.serving, 'digits-old');
    assert.ok(world.calls.indexOf('setWeights 100/0') < world.calls.indexOf('deploy digits-original'));
  });

  it('failing guardrail: after promote --full -> rolls back', async () => {
    const world = new FakeActivities();
    world.reports.push(
      () => ({ kind: 'clear' }),
      (request) =>
        request.mode === 'bake'
          ? 'watching'
          : { kind: 'fail', verdicts: [verdict('fail', 'alarm digits-5xx is in ALARM')] },
    );
    const result = await withRollout(world, async (running) => {
      await running.waitForCall('watch bake');
      await running.send('promote', { actor: 'ben', reason: 'hurry', full: true });
      return running.result();
    });
    assert.equal(result.outcome, 'rolledBack');
    assert.equal(world.config, 'digits-original');
  });

  it("alarm signal: a guardrail's alarm is ALARM -> rolls back at once", async () => {
    const world = new FakeActivities();
    world.reports.push(
      () => ({}),
      () => 'watching',
    );
    const result = await withRollout(world, async (running) => {
      await running.waitForCall('watch bake');
      await running.handle.signal('alarm', { name: 'unrelated', state: 'ALARM', reason: 'x' });
      await running.handle.signal('alarm', { name: 'digits-5xx', state: 'ALARM', reason: '5 datapoints' });
      return running.result();
    });
    assert.equal(result.outcome, 'rolledBack');
    assert.match(result.reason, /digits-5xx.*5 datapoints/);
  });
});

describe('missing data', () => {
  it('missing data: during a bake -> holds, and continues when the data is there', async () => {
    const world = new FakeActivities();
    const unknown = {
      message: 'error rate: no data',
      verdicts: [verdict('inconclusive', 'error rate: no data')],
    };
    world.reports.push(
      () => ({ kind: 'clear' }),
      () => ({ kind: 'undecided', ...unknown }),
      () => ({ kind: 'undecided', ...unknown }),
      () => ({ kind: 'undecided', ...unknown }),
      () => ({ kind: 'clear' }),
    );
    const { result, timeline } = await withRollout(world, async (running) => ({
      result: await running.result(),
      timeline: await running.timeline(),
    }));
    assert.equal(result.outcome, 'promoted');
    assert.equal(
      world.calls.slice(0, world.calls.indexOf('setWeights 50/50')).filter((c) => c === 'watch bake').length,
      4,
    );
    assert.equal(timeline.filter((e) => e.message === 'holding: error rate: no data').length, 1);
    const reports = timeline.flatMap((entry) => (entry.kind === 'verdict' ? entry.report : []));
    assert.ok(reports.includes('undecided') && reports.includes('clear'), reports.join());
    const closing = timeline.at(-1);
    assert.ok(closing?.kind === 'decision');
    assert.deepEqual([closing.outcome, closing.reason], [result.outcome, result.reason]);
  });

  it('missing data: onInconclusive rollBack -> inconclusive, on the baseline', async () => {
    const world = new FakeActivities({ onInconclusive: 'rollBack' });
    world.reports.push(
      () => ({ kind: 'clear' }),
      ({ continued, roundEnds }, now) =>
        continued && now < Date.parse(roundEnds)
          ? 'watching'
          : { kind: 'undecided', message: 'error rate: no data' },
    );
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'inconclusive');
    assert.equal(world.config, 'digits-original');
  });
});
