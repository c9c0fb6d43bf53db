import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Step } from '../../../src/plan/compiled/step.js';
import { scheduleOf } from '../../../src/plan/schedule/schedule.js';
import { planWith } from '../specs.js';

const conversion = { metric: 'conversion', higherIsBetter: true };
const day = 86_400;

/** A step as one would say it. */
function say(step: Step): string {
  switch (step.kind) {
    case 'deploy':
      return step.arrangement.kind === 'shadow'
        ? `shadow ${step.arrangement.mirrorPercent}`
        : step.arrangement.kind;
    case 'validate':
      return 'validate';
    case 'setWeights':
      return `${step.stage}: ${step.weights.candidate}`;
    case 'bake':
      return `bake ${step.seconds}`;
    case 'gate':
      return `gate ${step.gate.kind}`;
    case 'experiment':
      return `test ${step.minimumSeconds / day}-${step.maximumSeconds / day}${step.adapt ? ' adapting' : ''}`;
  }
}

const stepsOf = (fields: object): string[] => planWith(fields).steps.map(say);

describe('strategies', () => {
  it('blueGreen moves everything at once, and keeps blue for an hour', () => {
    const plan = planWith({ strategy: 'blueGreen' });
    assert.deepEqual(plan.steps.map(say), ['sideBySide', '1: 100', 'bake 600']);
    assert.deepEqual(plan.rollbackWindow, { seconds: 3_600, baseline: 'warm' });
  });

  it('blueGreen keeps blue as long as the spec says', () => {
    const { rollbackWindow } = planWith({
      strategy: 'blueGreen',
      rollbackWindow: { for: '2d', baseline: 'scaledIn' },
    });
    assert.deepEqual(rollbackWindow, { seconds: 2 * day, baseline: 'scaledIn' });
  });

  it('linear goes up in equal moves, the last one as large as what is left', () => {
    assert.deepEqual(stepsOf({ strategy: { linear: { by: '40%', every: '15m' } } }), [
      'sideBySide',
      ...['1: 40', 'bake 900', '2: 80', 'bake 900', '3: 100', 'bake 900'],
    ]);
  });

  it('linear never adds up a rounding error', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 1000 }), (tenths) => {
        const { steps } = planWith({ strategy: { linear: { by: `${tenths / 10}%` } } });
        for (const step of steps) {
          if (step.kind !== 'setWeights') continue;
          assert.equal(step.weights.candidate, Math.round(step.weights.candidate * 10) / 10);
          assert.ok(Math.abs(step.weights.baseline + step.weights.candidate - 100) < 1e-9);
        }
        const last = steps.filter((step) => step.kind === 'setWeights').at(-1);
        assert.equal(last?.weights.candidate, 100);
      }),
      { numRuns: 50 },
    );
  });

  it('abTest keeps one split, for two weeks to four unless told otherwise', () => {
    assert.deepEqual(stepsOf({ strategy: 'abTest', goals: [conversion] }), [
      'sideBySide',
      ...['1: 50', 'test 14-28', '2: 100'],
    ]);
  });

  it('bandit is an experiment whose split adapts', () => {
    assert.deepEqual(
      stepsOf({ strategy: { bandit: { start: '20%', for: '7d', atMost: '21d' } }, goals: [conversion] }),
      ['sideBySide', '1: 20', 'test 7-21 adapting', '2: 100'],
    );
  });

  it('a chain goes on where the former strategy ended, and is validated before the first user', () => {
    const plan = planWith({
      strategy: ['shadow', { canary: { steps: ['1%', '10%'], bake: '1h' } }, 'abTest'],
      goals: [conversion],
      validate: { smoke: [{ body: 1 }] },
    });
    assert.equal(plan.strategy, 'shadow+canary+abTest');
    assert.deepEqual(plan.steps.map(say), [
      ...['shadow 100', 'bake 3600', 'sideBySide', 'validate', '2: 1', 'bake 3600', '3: 10', 'bake 3600'],
      ...['4: 50', 'test 14-28', '5: 100'],
    ]);
  });

  it('a linear move after a canary goes on from its share', () => {
    assert.deepEqual(
      stepsOf({
        strategy: [{ canary: { steps: ['5%'], bake: '1m' } }, { linear: { by: '50%', every: '1m' } }],
      }),
      ['sideBySide', '1: 5', 'bake 60', '2: 55', 'bake 60', '3: 100', 'bake 60'],
    );
  });

  it('a first deployment has nothing beside it', () => {
    const fields = {
      models: { candidate: { model: 'digits-2' } },
      serve: { instance: 'ml.m5.large', count: 1 },
    };
    assert.deepEqual(stepsOf(fields), ['candidateOnly', '1: 100', 'bake 600']);
  });
});

describe('gates', () => {
  const canary = { canary: { steps: ['1%', '25%'], bake: '1m' } };
  const manual = { manual: true };

  it('stand before the first step at or above their share, before the first user, or before the baseline goes', () => {
    const gates = [
      { before: '5%', ...manual },
      { before: 'traffic', approval: { people: 2 } },
      { before: 'promotion', ...manual },
    ];
    assert.deepEqual(stepsOf({ strategy: canary, gates }), [
      ...['sideBySide', 'gate approval', '1: 1', 'bake 60', 'gate manual', '2: 25', 'bake 60'],
      ...['3: 100', 'gate manual'],
    ]);
  });

  it('have ids of their own', () => {
    const gates = [
      { before: '5%', ...manual },
      { before: '25%', ...manual },
    ];
    const ids = planWith({ strategy: canary, gates }).steps.flatMap((step) =>
      step.kind === 'gate' ? [step.gate.id] : [],
    );
    assert.equal(new Set(ids).size, 2);
  });
});

describe('goals', () => {
  it('come from what the switch counts, of whichever arm is read', () => {
    const [goal] = planWith({ strategy: 'abTest', goals: [conversion] }).goals;
    assert.deepEqual(goal?.total, {
      namespace: 'Penstock/Switch',
      name: 'Conversions',
      stat: 'Sum',
      dimensions: { EndpointName: 'digits', RolloutId: '{rolloutId}', Role: '{role}' },
    });
    assert.equal(goal.kind, 'proportion');
  });

  it('are means where sums of squares are known', () => {
    const source = { namespace: 'Shop', name: 'Revenue', squares: 'RevenueSquared', per: 'Visitors' };
    const [goal] = planWith({
      strategy: 'abTest',
      goals: [{ metric: 'revenue', higherIsBetter: true, source }],
    }).goals;
    assert.equal(goal?.kind, 'mean');
    assert.equal(goal.squares?.name, 'RevenueSquared');
  });
});

describe('what a goal asks for', () => {
  const asks = (fields: object) =>
    planWith({ strategy: 'abTest', goals: [{ ...conversion, ...fields }] }).goals[0];

  it('is any gain unless the spec says more', () => {
    assert.deepEqual(asks({})?.target, { kind: 'better', byPercent: 0 });
    assert.equal(asks({})?.dispersion, undefined);
    assert.deepEqual(asks({ minimumEffect: '2%' })?.target, { kind: 'better', byPercent: 2 });
  });

  it('is that it is not worse, where the spec says so', () => {
    const goal = asks({ notWorseBy: '1%', dispersion: 3 });
    assert.deepEqual([goal?.target, goal?.dispersion], [{ kind: 'notWorse', byPercent: 1 }, 3]);
  });
});

describe('how sure a comparison must be', () => {
  it('is frozen into the plan', () => {
    const { judging } = planWith({ judging: { falseAlarms: '0.1%', plannedSize: 200_000 } });
    assert.deepEqual(judging, { falseAlarmPercent: 0.1, wrongDecisionPercent: 5, plannedSize: 200_000 });
  });
});

describe('a comparison with the baseline', () => {
  it('reads both arms, with a margin', () => {
    const [guardrail] = planWith({
      strategy: { canary: { steps: ['5%'] } },
      guardrails: [{ metric: 'errorRate', notWorseThanBaselineBy: '10%' }],
    }).guardrails;
    assert.ok(guardrail?.kind === 'comparison');
    assert.equal(guardrail.marginPercent, 10);
    assert.equal(guardrail.mustBeProven, false);
    assert.deepEqual(guardrail.events.dimensions, { EndpointName: '{endpoint}', VariantName: '{variant}' });
  });
});

describe('a comparison of slow requests', () => {
  it('counts latencies above the threshold, in microseconds, among all requests', () => {
    const rule = { metric: 'latency', slowerThan: '300ms', notWorseThanBaselineBy: '20%' };
    const [guardrail] = planWith({ guardrails: [rule] }).guardrails;
    assert.ok(guardrail?.kind === 'comparison');
    assert.equal(guardrail.id, 'latency-over-300ms-comparison');
    assert.equal(guardrail.label, 'requests slower than 300 ms');
    const dimensions = { EndpointName: '{endpoint}', VariantName: '{variant}' };
    const namespace = 'AWS/SageMaker';
    assert.deepEqual(guardrail.events, { namespace, name: 'ModelLatency', stat: 'TC(300000:)', dimensions });
    assert.deepEqual(guardrail.trials, { namespace, name: 'Invocations', stat: 'Sum', dimensions });
  });
});

describe('a comparison that is to be proven', () => {
  it('is so in the plan', () => {
    const rule = {
      metric: 'errorRate',
      notWorseThanBaselineBy: '25%',
      requireProof: true,
      negligibleRate: '0.01%',
    };
    const [guardrail] = planWith({ guardrails: [rule] }).guardrails;
    assert.ok(guardrail?.kind === 'comparison' && guardrail.mustBeProven);
    assert.equal(guardrail.negligiblePercent, 0.01);
  });
});

describe('the schedule', () => {
  it('counts gates, experiments and the rollback window', () => {
    const plan = planWith({
      strategy: 'abTest',
      goals: [conversion],
      rollbackWindow: '6d',
      onInconclusive: 'rollBack',
      gates: [{ before: 'promotion', within: '1d', manual: true }],
    });
    const { rows, earliestEndSeconds, latestEndSeconds } = scheduleOf(plan);
    assert.ok(earliestEndSeconds >= 20 * day);
    assert.ok(latestEndSeconds !== null && latestEndSeconds > 35 * day);
    assert.ok(rows.some(({ kind }) => kind === 'rollbackWindow'));
    assert.ok(rows.some(({ label }) => label.includes('tested for 14d to 28d')));
  });
});
