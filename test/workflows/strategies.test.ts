import assert from 'node:assert/strict';
import type { WatchReport } from '../../src/activities/interface/watch.js';
import type { Goal } from '../../src/plan/compiled/goal.js';
import type { Plan } from '../../src/plan/compiled/plan.js';
import type { Step } from '../../src/plan/compiled/step.js';
import { withRollout } from './harness.js';
import { conversionGoal, names, rolloutId, verdict, FakeActivities } from './fake-activities.js';

const ana = { actor: 'ana', reason: 'enough' };
const day = 86_400;

const undecided: Partial<WatchReport> = {
  kind: 'undecided',
  message: 'conversion is not decided',
  verdicts: [
    {
      ...verdict('inconclusive', 'conversion is not decided'),
      guardrail: 'goal:conversion',
      reason: 'undecided',
    },
  ],
};

function tested(
  change: Partial<Plan> = {},
  adapt: (Step & { kind: 'experiment' })['adapt'] = null,
): FakeActivities {
  const world = new FakeActivities({
    goals: [conversionGoal],
    steps: [
      { kind: 'deploy', stage: 0, arrangement: { kind: 'sideBySide' } },
      { kind: 'setWeights', stage: 1, weights: { baseline: 50, candidate: 50 } },
      { kind: 'experiment', stage: 1, minimumSeconds: 14 * day, maximumSeconds: 28 * day, adapt },
      { kind: 'setWeights', stage: 2, weights: { baseline: 0, candidate: 100 } },
    ],
    ...change,
  });
  world.pollInterval = '12h';
  return world;
}

function isExperiment(request: { goals: Goal[] }): boolean {
  return request.goals.length > 0;
}

describe('experiment', () => {
  it('experiment: goals decide for the candidate -> promoted after the minimum duration', async () => {
    const world = tested();
    let since = 0;
    world.reports.push((request, now) => {
      if (!isExperiment(request)) return {};
      since ||= now;
      if (now < since + 14 * day * 1000)
        return now < Date.parse(request.roundEnds) ? 'watching' : { kind: 'round' };
      return { kind: 'clear', message: 'conversion is better' };
    });
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'promoted');
    const lasted = (Date.parse(result.endedAt) - Date.parse(result.startedAt)) / 1000;
    assert.ok(lasted >= 14 * day && lasted < 16 * day, `${lasted / day} days`);
  });

  for (const [policy, outcome] of [
    ['rollBack', 'inconclusive'],
    ['promote', 'promoted'],
  ] as const)
    it(`experiment: undecided after the maximum duration, onInconclusive ${policy} -> ${outcome}`, async () => {
      const world = tested({ onInconclusive: policy });
      world.reports.push((request, now) =>
        !isExperiment(request) ? {} : now < Date.parse(request.roundEnds) ? 'watching' : undecided,
      );
      const result = await withRollout(world, (running) => running.result());
      assert.equal(result.outcome, outcome);
      const lasted = (Date.parse(result.endedAt) - Date.parse(result.startedAt)) / 1000;
      assert.ok(lasted >= 28 * day && lasted < 31 * day, `${lasted / day} days`);
    });

  it('experiment: undecided, onInconclusive hold -> holds until an operator promotes', async () => {
    const world = tested();
    world.reports.push((request, now) =>
      !isExperiment(request) ? {} : now < Date.parse(request.roundEnds) ? 'watching' : undecided,
    );
    await withRollout(world, async (running) => {
      await running.phase('baking');
      await running.skipTime('30 days');
      const { hold } = await running.until((status) => status.hold !== null);
      assert.equal(hold?.reason, 'inconclusive');
      assert.match(hold.message, /maximum duration without a decision/);
      await running.skipTime('5 days');
      const held = (await running.timeline()).filter(({ message }) => message.startsWith('holding:'));
      assert.equal(held.length, 1);
      await running.send('promote', ana);
      assert.equal((await running.result()).outcome, 'promoted');
    });
  });

  it('experiment: a guardrail without data, onInconclusive promote -> holds', async () => {
    const world = tested({ onInconclusive: 'promote' });
    const unknown = {
      ...undecided,
      verdicts: [...(undecided.verdicts ?? []), verdict('inconclusive', 'error rate: no data')],
    };
    world.reports.push((request, now) =>
      !isExperiment(request) ? {} : now < Date.parse(request.roundEnds) ? 'watching' : unknown,
    );
    await withRollout(world, async (running) => {
      await running.phase('baking');
      await running.skipTime('40 days');
      const { hold } = await running.until((status) => status.hold !== null);
      assert.equal(hold?.reason, 'unknown');
      assert.match(hold.message, /error rate: no data/);
      await running.send('abort', ana);
      assert.equal((await running.result()).outcome, 'aborted');
    });
  });

  it('experiment: a goal without data, onInconclusive promote -> holds', async () => {
    const world = tested({ onInconclusive: 'promote' });
    const uncounted = {
      ...undecided,
      verdicts: [{ ...verdict('inconclusive', 'conversion: no data'), guardrail: 'goal:conversion' }],
    };
    world.reports.push((request, now) =>
      !isExperiment(request) ? {} : now < Date.parse(request.roundEnds) ? 'watching' : uncounted,
    );
    await withRollout(world, async (running) => {
      await running.phase('baking');
      await running.skipTime('40 days');
      const { hold } = await running.until((status) => status.hold !== null);
      assert.match(hold?.message ?? '', /conversion: no data/);
      await running.send('abort', ana);
      assert.equal((await running.result()).outcome, 'aborted');
    });
  });

  it('adaptive experiment: one split per day -> weights follow, and the goals decide', async () => {
    const adapt = { everySeconds: day, floor: 10, cap: 90, maxStep: 10 };
    const world = tested({}, adapt);
    world.shares.push(60, 60, 70);
    let looks = 0;
    world.reports.push((request, now) => {
      if (!isExperiment(request)) return {};
      if (now < Date.parse(request.roundEnds)) return 'watching';
      return ++looks > 40 ? { kind: 'clear' } : { kind: 'round' };
    });
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'promoted');
    const shifts = world.calls.filter((call) => call.startsWith('setWeights'));
    assert.deepEqual(shifts.slice(0, 3), ['setWeights 50/50', 'setWeights 40/60', 'setWeights 30/70']);
  });
});

describe('shadow', () => {
  it('shadow: a clear bake -> no user traffic before it, then the next strategy', async () => {
    const world = new FakeActivities({
      steps: [
        { kind: 'deploy', stage: 1, arrangement: { kind: 'shadow', mirrorPercent: 50 } },
        { kind: 'bake', stage: 1, seconds: 3_600 },
        { kind: 'deploy', stage: 1, arrangement: { kind: 'sideBySide' } },
        { kind: 'setWeights', stage: 2, weights: { baseline: 0, candidate: 100 } },
      ],
    });
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'promoted');
    assert.deepEqual(
      world.calls.filter((call) => /^(deploy|watch bake|setWeights|deleteConfig)/.test(call)),
      [
        `deploy ${names.shadowConfig}`,
        'watch bake',
        `deploy ${names.sideBySideConfig}`,
        'setWeights 0/100',
        `deploy ${names.singleConfig.candidate}`,
        `deleteConfig ${names.sideBySideConfig}`,
        `deleteConfig ${names.shadowConfig}`,
        `deleteConfig ${names.singleConfig.baseline}`,
      ],
    );
  });

  it('shadow: a failing guardrail -> failed, because no user traffic moved', async () => {
    const world = new FakeActivities({
      steps: [
        { kind: 'deploy', stage: 1, arrangement: { kind: 'shadow', mirrorPercent: 100 } },
        { kind: 'bake', stage: 1, seconds: 3_600 },
        { kind: 'deploy', stage: 1, arrangement: { kind: 'sideBySide' } },
        { kind: 'setWeights', stage: 2, weights: { baseline: 0, candidate: 100 } },
      ],
    });
    world.reports.push(() => ({ kind: 'fail', verdicts: [verdict('fail', 'error rate 7 %')] }));
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'failed');
    assert.equal(world.config, 'digits-original');
  });
});

describe('first deployment', () => {
  const steps: Step[] = [
    { kind: 'deploy', stage: 0, arrangement: { kind: 'candidateOnly' } },
    { kind: 'setWeights', stage: 1, weights: { baseline: 0, candidate: 100 } },
    { kind: 'bake', stage: 1, seconds: 600 },
  ];

  function first(): FakeActivities {
    const world = new FakeActivities({ steps, strategy: 'standard' });
    world.plan.models = { ...world.plan.models, baseline: { kind: 'none' } };
    world.plan.serve = { ...world.plan.serve, instanceType: 'ml.m5.large', count: 1 };
    world.starting = { kind: 'absent' };
    world.endpoints.clear();
    return world;
  }

  it('first deployment: all checks pass -> the candidate serves alone', async () => {
    const world = first();
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'promoted');
    assert.equal(world.config, names.singleConfig.candidate);
    assert.equal(result.serving, 'digits-new');
  });

  it('first deployment: a failing guardrail -> the endpoint is deleted', async () => {
    const world = first();
    world.reports.push(() => ({ kind: 'fail', verdicts: [verdict('fail', 'error rate 7 %')] }));
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'rolledBack');
    assert.ok(!world.endpoints.has('digits'));
    assert.equal(result.serving, null);
  });
});

describe('two endpoints', () => {
  it("two endpoints: promoted -> the candidate serves under the clients' endpoint name, the other endpoint is deleted", async () => {
    const world = new FakeActivities({ topology: 'endpoints' });
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'promoted');
    assert.equal(result.serving, 'digits-new');
    assert.deepEqual([...world.endpoints.keys()], ['digits']);
    assert.equal(world.config, names.singleConfig.candidate);
    assert.ok(world.calls.indexOf(`deleteEndpoint ${rolloutId}`) > world.calls.indexOf('setWeights 0/100'));
    assert.ok(world.calls.includes(`deleteConfig ${names.candidateConfig}`));
  });

  it("two endpoints: rolled back -> the baseline's endpoint keeps its config", async () => {
    const world = new FakeActivities({ topology: 'endpoints' });
    world.reports.push(
      () => ({}),
      () => ({ kind: 'fail', verdicts: [verdict('fail', 'error rate 7 %')] }),
    );
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'rolledBack');
    assert.equal(result.serving, 'digits-old');
    assert.deepEqual([...world.endpoints.keys()], ['digits']);
    assert.equal(world.config, 'digits-original');
  });
});
