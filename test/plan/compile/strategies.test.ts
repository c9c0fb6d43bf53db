import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Step } from '../../../src/plan/compiled/step.js';
import { scheduleOf } from '../../../src/plan/schedule/schedule.js';
import { planWith } from '../specs.js';

const conversion = { metric: 'conversion', higherIsBetter: true };
const day = 86_400;

/** A short text for a step. */
function textOf(step: Step): string {
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

const stepsOf = (fields: object): string[] => planWith(fields).steps.map(textOf);

describe('strategies', () => {
  it('blueGreen: default -> all traffic at once, and blue stays for 1h', () => {
    const plan = planWith({ strategy: 'blueGreen' });
    assert.deepEqual(plan.steps.map(textOf), ['sideBySide', '1: 100', 'bake 600']);
    assert.deepEqual(plan.rollbackWindow, { seconds: 3_600, baseline: 'warm' });
  });

  it('blueGreen: rollbackWindow set -> blue stays for that time', () => {
    const { rollbackWindow } = planWith({
      strategy: 'blueGreen',
      rollbackWindow: { for: '2d', baseline: 'scaledIn' },
    });
    assert.deepEqual(rollbackWindow, { seconds: 2 * day, baseline: 'scaledIn' });
  });

  it('linear: compiled -> equal increments, the last one smaller if needed', () => {
    assert.deepEqual(stepsOf({ strategy: { linear: { by: '40%', every: '15m' } } }), [
      'sideBySide',
      ...['1: 40', 'bake 900', '2: 80', 'bake 900', '3: 100', 'bake 900'],
    ]);
  });

  it('linear: any increment -> no accumulated rounding error', () => {
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

  it('abTest: default -> one split for two to four weeks', () => {
    assert.deepEqual(stepsOf({ strategy: 'abTest', goals: [conversion] }), [
      'sideBySide',
      ...['1: 50', 'test 14-28', '2: 100', 'bake 300'],
    ]);
  });

  it('bandit: compiled -> an experiment with an adapting split', () => {
    assert.deepEqual(
      stepsOf({ strategy: { bandit: { start: '20%', for: '7d', atMost: '21d' } }, goals: [conversion] }),
      ['sideBySide', '1: 20', 'test 7-21 adapting', '2: 100', 'bake 300'],
    );
  });

  it('chain: several strategies -> each starts at the previous share, validation before the first user request', () => {
    const plan = planWith({
      strategy: ['shadow', { canary: { steps: ['1%', '10%'], bake: '1h' } }, 'abTest'],
      goals: [conversion],
      validate: { smoke: [{ body: 1 }] },
    });
    assert.equal(plan.strategy, 'shadow+canary+abTest');
    assert.deepEqual(plan.steps.map(textOf), [
      ...['shadow 100', 'bake 3600', 'sideBySide', 'validate', '2: 1', 'bake 3600', '3: 10', 'bake 3600'],
      ...['4: 50', 'test 14-28', '5: 100', 'bake 3600'],
    ]);
  });

  it('linear after canary: compiled -> increments start at the last share of the canary', () => {
    assert.deepEqual(
      stepsOf({
        strategy: [{ canary: { steps: ['5%'], bake: '1m' } }, { linear: { by: '50%', every: '1m' } }],
      }),
      ['sideBySide', '1: 5', 'bake 60', '2: 55', 'bake 60', '3: 100', 'bake 60'],
    );
  });

  it('first deployment: no baseline -> only the candidate is deployed', () => {
    const fields = {
      models: { candidate: { model: 'digits-2' } },
      serve: { instance: 'ml.m5.large', count: 1 },
    };
    assert.deepEqual(stepsOf(fields), ['candidateOnly', '1: 100', 'bake 600']);
  });
});

describe('bake at 100%', () => {
  const canary = (bake: string) => ({ canary: { steps: ['1%', '25%'], bake } });
  const lastOf = (fields: object) => stepsOf(fields).slice(-2);

  it('added bake: bakes shorter than 5m -> 5m', () => {
    assert.deepEqual(lastOf({ strategy: canary('1m') }), ['3: 100', 'bake 300']);
  });

  it('added bake: bakes of different lengths -> the longest of the plan, also that of the shadow', () => {
    const strategy = [{ shadow: { bake: '2h' } }, canary('30m')];
    assert.deepEqual(lastOf({ strategy }), ['4: 100', 'bake 7200']);
  });

  it('added bake: after an experiment with a bound of 15m -> one window of it', () => {
    const guardrails = [
      { alarm: 'digits-5xx' },
      { metric: 'errorRate', below: '1%', window: '15m' },
      { metric: 'errorRate', notWorseThanBaselineBy: '10%', window: '1h' },
    ];
    assert.deepEqual(lastOf({ strategy: 'abTest', goals: [conversion], guardrails }), ['2: 100', 'bake 900']);
  });

  it('listed bake: shorter than 5m -> as in the spec', () => {
    const steps = ['25%', { share: '100%', bake: '2m' }];
    assert.deepEqual(lastOf({ strategy: { canary: { steps, bake: '1h' } } }), ['2: 100', 'bake 120']);
  });
});

describe('gates', () => {
  const canary = { canary: { steps: ['1%', '25%'], bake: '1m' } };
  const manual = { manual: true };

  it('placeGates: share, traffic, promotion -> before the first step at or above the share, the first shift, the step to 100%', () => {
    const gates = [
      { before: '5%', ...manual },
      { before: 'traffic', approval: { people: 2 } },
      { before: 'promotion', ...manual },
    ];
    assert.deepEqual(stepsOf({ strategy: canary, gates }), [
      ...['sideBySide', 'gate approval', '1: 1', 'bake 60', 'gate manual', '2: 25', 'bake 60'],
      ...['gate manual', '3: 100', 'bake 300'],
    ]);
  });

  it('placeGates: promotion, the spec lists 100% -> before that step, not after its bake', () => {
    const gates = [{ before: 'promotion', ...manual }];
    const listed = { canary: { steps: ['25%', { share: '100%', bake: '2m' }], bake: '1m' } };
    assert.deepEqual(stepsOf({ strategy: listed, gates }), [
      ...['sideBySide', '1: 25', 'bake 60', 'gate manual', '2: 100', 'bake 120'],
    ]);
    assert.deepEqual(stepsOf({ strategy: 'standard', gates }), [
      ...['sideBySide', 'gate manual', '1: 100', 'bake 600'],
    ]);
  });

  it('placeGates: 100% and promotion -> both before the step to 100%, in the order of the spec', () => {
    const gates = [
      { before: 'promotion', approval: { people: 2 } },
      { before: '100%', ...manual },
    ];
    assert.deepEqual(stepsOf({ strategy: 'standard', gates }), [
      ...['sideBySide', 'gate approval', 'gate manual', '1: 100', 'bake 600'],
    ]);
  });

  it('gate ids: several gates of one kind and place -> unique ids', () => {
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
  it('compileGoals: conversion -> series of the switch with placeholders for the arm', () => {
    const [goal] = planWith({ strategy: 'abTest', goals: [conversion] }).goals;
    assert.deepEqual(goal?.total, {
      namespace: 'Penstock/Switch',
      name: 'Conversions',
      stat: 'Sum',
      dimensions: { EndpointName: 'digits', RolloutId: '{rolloutId}', Role: '{role}' },
    });
    assert.equal(goal.kind, 'proportion');
  });

  it('compileGoals: metrics of the switch -> sums by user of trials and total', () => {
    const namesOf = (fields: object) => {
      const [goal] = planWith({ strategy: 'abTest', goals: [{ ...conversion, ...fields }] }).goals;
      const { kind, trials, total, byUser, conversionDelaySeconds } = goal!;
      const names = byUser && Object.values(byUser).map(({ name }: { name: string }) => name);
      return [kind, trials.name, total.name, conversionDelaySeconds, names];
    };
    const byProcess = 'SquaredByProcess';
    assert.deepEqual(namesOf({ metric: 'value' }), [
      ...['mean', 'Exposures', 'Value', 600],
      ['ExposuresSquaredByUser', 'ValueSquaredByUser', 'ExposuresTimesValueByUser', `Exposures${byProcess}`],
    ]);
    assert.deepEqual(namesOf({ metric: 'conversionsPerUser' }), [
      ...['ratio', 'Users', 'Conversions', 0],
      ['UsersSquaredByUser', 'ConversionsSquaredByUser', 'UsersTimesConversionsByUser', `Users${byProcess}`],
    ]);
    assert.deepEqual(namesOf({ dispersion: 3 }), ['proportion', 'Exposures', 'Conversions', 600, undefined]);
  });

  it('compileGoals: conversionsPerUser with dispersion -> refused', () => {
    const goals = [{ ...conversion, metric: 'conversionsPerUser', dispersion: 2 }];
    assert.throws(
      () => planWith({ strategy: 'abTest', goals }),
      /goals\[0\]\.dispersion|counts conversionsPerUser/,
    );
  });

  it('compileGoals: source with squares -> kind mean', () => {
    const source = { namespace: 'Shop', name: 'Revenue', squares: 'RevenueSquared', per: 'Visitors' };
    const [goal] = planWith({
      strategy: 'abTest',
      goals: [{ metric: 'revenue', higherIsBetter: true, source }],
    }).goals;
    assert.equal(goal?.kind, 'mean');
    assert.equal(goal.squares?.name, 'RevenueSquared');
    assert.deepEqual(goal.cap, { kind: 'percentile', percent: 99.9 });
  });

  it('compileGoals: cap -> a percentile or a number; of a count -> refused', () => {
    const capOf = (metric: string, cap: unknown) =>
      planWith({ strategy: 'abTest', goals: [{ metric, higherIsBetter: true, cap }] }).goals[0]?.cap;
    assert.deepEqual(capOf('value', '99.5%'), { kind: 'percentile', percent: 99.5 });
    assert.deepEqual(capOf('value', 500), { kind: 'value', value: 500 });
    assert.throws(() => capOf('value', '80%'), /a percentile from 90% to 99.9999%, or a number above 0/);
    assert.throws(() => capOf('conversion', 500), /conversion is counted and has no values to cap/);
  });
});

describe('goal targets', () => {
  const targetOf = (fields: object) =>
    planWith({ strategy: 'abTest', goals: [{ ...conversion, ...fields }] }).goals[0];

  it('goal target: no minimumEffect -> any gain', () => {
    assert.deepEqual(targetOf({})?.target, { kind: 'better', byPercent: 0 });
    assert.equal(targetOf({})?.dispersion, undefined);
    assert.deepEqual(targetOf({ minimumEffect: '2%' })?.target, { kind: 'better', byPercent: 2 });
  });

  it('goal target: notWorseBy -> not worse by that percent', () => {
    const goal = targetOf({ notWorseBy: '1%', dispersion: 3 });
    assert.deepEqual([goal?.target, goal?.dispersion], [{ kind: 'notWorse', byPercent: 1 }, 3]);
  });
});

describe('judging', () => {
  it('judging: error rates in the spec -> in the compiled plan', () => {
    const { judging } = planWith({ judging: { falseAlarms: '0.1%', plannedSize: 200_000 } });
    const { watchedSeconds, ...settings } = judging ?? assert.fail();
    assert.deepEqual(settings, {
      ...{ falseAlarmPercent: 0.1, wrongDecisionPercent: 5, plannedSize: 200_000 },
      testedGuardrails: 1,
    });
    assert.ok(watchedSeconds > 0);
  });
});

describe('comparison guardrails', () => {
  it('comparison guardrail: notWorseThanBaselineBy -> series of both arms, and a margin', () => {
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

describe('guardrails on the counts of the switch', () => {
  const compile = (fields: object) => {
    const rule = { metric: 'errorRate', notWorseThanBaselineBy: '10%', countedBy: 'switch', ...fields };
    const [guardrail] = planWith({ guardrails: [rule] }).guardrails;
    return guardrail?.kind === 'comparison' ? guardrail : assert.fail('no comparison');
  };

  it('countedBy: switch -> errors and exposures of the switch, with sums by user', () => {
    const { label, events, trials, byUser } = compile({});
    assert.deepEqual([label, events.name, trials.name], ['error rate in the switch', 'Errors', 'Exposures']);
    assert.equal(byUser?.product.name, 'ExposuresTimesErrorsByUser');
  });

  it('countedBy: switch with dispersion -> the dispersion replaces the sums by user', () => {
    const { dispersion, byUser } = compile({ dispersion: 4 });
    assert.deepEqual([dispersion, byUser], [4, undefined]);
  });

  it('countedBy: switch for what it does not count, or for a bound -> refused', () => {
    assert.throws(() => compile({ metric: 'clientErrorRate' }), /does not count clientErrorRate/);
    assert.throws(() => compile({ notWorseThanBaselineBy: undefined, below: '1%' }), /countedBy/);
  });
});

describe('slow-request guardrails', () => {
  it('slowerThan: 300ms -> counts latencies above 300,000 microseconds, with all requests as trials', () => {
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

describe('guardrails with proof', () => {
  it('requireProof and negligibleRate: in the spec -> in the compiled plan', () => {
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

describe('scheduleOf with gates and experiments', () => {
  it('scheduleOf: gates, experiment and rollback window -> all are counted', () => {
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
