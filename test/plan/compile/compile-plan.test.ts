import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compilePlan } from '../../../src/plan/compile/compile-plan.js';
import { resourceNamesOf } from '../../../src/plan/compiled/names.js';
import { validateSpec } from '../../../src/plan/spec/validate-spec.js';
import { identity, planWith, role, smallest, trained } from '../specs.js';

const instances = { serve: { instance: 'ml.m5.large', count: 2 } };
const canary = (steps: unknown[], bake = '30m') => ({ strategy: { canary: { steps, bake } } });
const sagemakerName = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;

const sideBySide = { kind: 'deploy', stage: 0, arrangement: { kind: 'sideBySide' } };

const boundOf = (guardrail: object, fields: object = {}) => {
  const [compiled] = planWith({ ...fields, guardrails: [guardrail] }).guardrails;
  assert.ok(compiled?.kind === 'bound');
  return compiled;
};

describe('compilePlan', () => {
  it('compilePlan: no variantNames -> stable, and perRollout beside other variants', () => {
    const namingOf = (baseline: object | string, more: object = {}) =>
      planWith({ models: { baseline, candidate: { model: 'digits-2' } }, ...more }).serve.variantNames;
    assert.deepEqual(namingOf('live'), { kind: 'stable' });
    assert.deepEqual(namingOf('live', { serve: { topology: 'endpoints' } }), { kind: 'stable' });
    const strategy = [{ shadow: { mirror: '50%' } }, 'standard'];
    assert.deepEqual(namingOf('live', { strategy }), { kind: 'stable' });
    assert.deepEqual(namingOf({ variant: 'large' }), { kind: 'perRollout' });
    // The preflight refuses it if the endpoint really has other variants.
    const stable = { serve: { variantNames: 'stable' } };
    assert.deepEqual(namingOf({ variant: 'large' }, stable), { kind: 'stable' });
  });

  it('compilePlan: smallest spec -> plan with all defaults', () => {
    assert.deepEqual(planWith({}), {
      version: 1,
      rolloutId: 'digits-52a43dfd',
      endpoint: 'digits',
      strategy: 'standard',
      topology: 'variants',
      models: { baseline: { kind: 'live' }, candidate: { kind: 'model', modelName: 'digits-2' } },
      registration: null,
      serve: {
        ...{ instanceType: null, count: null, metricPeriodSeconds: 60, capacity: 'scaleCandidate' },
        variantNames: { kind: 'stable' },
      },
      writeBack: null,
      validation: null,
      steps: [
        sideBySide,
        { kind: 'setWeights', stage: 1, weights: { baseline: 0, candidate: 100 } },
        { kind: 'bake', stage: 1, seconds: 600 },
      ],
      guardrails: [],
      goals: [],
      judging: {
        ...{ falseAlarmPercent: 1, wrongDecisionPercent: 5, plannedSize: 5_000 },
        testedGuardrails: 1,
        watchedSeconds: 600,
      },
      onInconclusive: 'hold',
      onBlocked: { kind: 'hold' },
      drift: 'hold',
      rollbackWindow: null,
      freeze: [],
      notify: [],
      tags: {},
      limits: { deploySeconds: 3_600, shiftSeconds: 1_800, rollbackSeconds: 7_200, holdSeconds: 3_600 },
    });
  });

  it('compilePlan: same run -> same plan; different run -> different rollout id', () => {
    assert.deepEqual(planWith({}), planWith({}));
    const other = compilePlan(validateSpec(smallest), { ...identity, runId: 'another' });
    assert.notEqual(other.rolloutId, planWith({}).rolloutId);
  });

  it('compilePlan: any endpoint name -> all resource names match the SageMaker pattern', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9-]{0,61}[a-zA-Z0-9]$/), (endpoint) => {
        const { rolloutId, models } = planWith({
          endpoint,
          models: { baseline: 'live', candidate: trained },
        });
        const { singleConfig, variant, ...others } = resourceNamesOf(rolloutId);
        assert.ok(models.candidate.kind === 'train');
        const created = [models.candidate.modelName, models.candidate.training.jobName];
        for (const name of [
          ...Object.values(others),
          ...Object.values(singleConfig),
          ...Object.values(variant),
          ...created,
        ]) {
          assert.match(name, sagemakerName);
          assert.ok(name.length <= 63, name);
        }
        assert.match(rolloutId, /-[0-9a-f]{8}$/);
      }),
    );
  });

  it('canary: last share below 100% -> a final shift to all traffic, baked as long as the longest bake', () => {
    assert.deepEqual(planWith(canary(['0.1%', { share: '5%', bake: '1h' }])).steps, [
      sideBySide,
      { kind: 'setWeights', stage: 1, weights: { baseline: 99.9, candidate: 0.1 } },
      { kind: 'bake', stage: 1, seconds: 1_800 },
      { kind: 'setWeights', stage: 2, weights: { baseline: 95, candidate: 5 } },
      { kind: 'bake', stage: 2, seconds: 3_600 },
      { kind: 'setWeights', stage: 3, weights: { baseline: 0, candidate: 100 } },
      { kind: 'bake', stage: 3, seconds: 3_600 },
    ]);
    assert.deepEqual(planWith(canary(['100%'], '1d')).steps, [
      sideBySide,
      { kind: 'setWeights', stage: 1, weights: { baseline: 0, candidate: 100 } },
      { kind: 'bake', stage: 1, seconds: 86_400 },
    ]);
  });

  it('compilePlan: training job -> job name, images and inputs resolved', () => {
    const { models } = planWith({
      models: {
        baseline: trained,
        candidate: {
          train: { ...trained.train, hyperparameters: { rate: 0.00001, epochs: 10, early: true, mode: 'x' } },
        },
      },
      ...instances,
    });
    assert.ok(models.baseline.kind === 'train' && models.candidate.kind === 'train');
    assert.match(models.baseline.modelName, /-a$/);
    assert.deepEqual(models.candidate.training, {
      jobName: models.candidate.modelName,
      image: 'local/digits',
      servingImage: 'local/digits',
      role,
      input: { train: { uri: 's3://bucket/train', contentType: null } },
      output: 's3://bucket/models',
      instance: { type: 'ml.m5.large', count: 1, volumeGb: 50 },
      stopAfterSeconds: 86_400,
      hyperparameters: { rate: '0.00001', epochs: '10', early: 'true', mode: 'x' },
    });
  });

  it('compilePlan: built-in algorithm -> image of the region and content type of the data', () => {
    const train = {
      algorithm: 'image-classification',
      region: 'eu-west-1',
      role,
      input: { train: 's3://bucket/t', validation: 's3://bucket/v' },
      output: 's3://bucket/models',
      instance: { type: 'ml.g5.xlarge' },
      hyperparameters: { num_classes: 2, num_training_samples: 10 },
    };
    const trainingOf = (input: object) => {
      const candidate = planWith({
        models: { baseline: 'live', candidate: { train: { ...train, input: { ...train.input, ...input } } } },
      }).models.candidate;
      assert.ok(candidate.kind === 'train');
      return candidate.training;
    };
    assert.equal(trainingOf({}).image, '685385470294.dkr.ecr.eu-west-1.amazonaws.com/image-classification:1');
    assert.equal(trainingOf({}).input['train']?.contentType, 'application/x-recordio');
    assert.equal(
      trainingOf({ train_lst: 's3://bucket/l' }).input['train']?.contentType,
      'application/x-image',
    );
  });

  it('compilePlan: model package -> its role, and a model named after the rollout', () => {
    const arn = 'arn:aws:sagemaker:us-east-1:123456789012:model-package/digits/3';
    const plan = planWith({ models: { baseline: 'live', candidate: { package: arn, role } } });
    assert.deepEqual(plan.models.candidate, { kind: 'package', arn, role, modelName: `${plan.rolloutId}-b` });
    const marksOnly = { promoted: null, rolledBack: null, rejectRolledBack: false };
    assert.deepEqual(plan.writeBack, marksOnly);
    const writeBackOf = (models: object) => planWith({ models: { baseline: 'live', ...models } }).writeBack;
    assert.equal(writeBackOf({ candidate: { package: arn, role }, writeBack: 'none' }), null);
    // A package without a group has no versions.
    assert.equal(writeBackOf({ candidate: { package: arn.replace('/3', ''), role } }), null);
  });

  it('compilePlan: model package group -> a group until its version is chosen, and the stages of the spec', () => {
    const candidate = { group: 'digits', approved: 'newest', role };
    const promoted = { stage: 'Production', status: 'Live' };
    const plan = planWith({
      models: { baseline: 'live', candidate, writeBack: { lifeCycle: { promoted }, rejectRolledBack: true } },
    });
    const modelName = `${plan.rolloutId}-b`;
    assert.deepEqual(plan.models.candidate, { kind: 'group', group: 'digits', role, modelName });
    assert.deepEqual(plan.writeBack, { promoted, rolledBack: null, rejectRolledBack: true });
  });

  it("errorRate guardrail: compiled -> the candidate's 5xx responses divided by its invocations, in percent", () => {
    const plan = planWith({ guardrails: [{ metric: 'errorRate', below: '1%' }] });
    const dimensions = { EndpointName: 'digits', VariantName: '{variant}' };
    const series = { namespace: 'AWS/SageMaker', stat: 'Sum', dimensions };
    assert.deepEqual(plan.guardrails, [
      {
        kind: 'bound',
        id: 'errorRate',
        label: 'error rate',
        metric: {
          unit: 'percent',
          scale: 100,
          numerator: { ...series, name: 'Invocation5XXErrors' },
          denominator: { ...series, name: 'Invocations' },
        },
        direction: 'below',
        bound: 1,
        rule: { kind: 'rate', dispersion: 1 },
        minimumRequests: 100,
        windowSeconds: 60,
        dataDelaySeconds: 120,
      },
    ]);
  });

  const quotient = { namespace: 'Shop', name: 'Won', per: 'Seen' };
  const twoOfThree = { kind: 'windows', failures: 2, of: 3 };
  const ruled: [string, object, object][] = [
    ['a rate', { metric: 'errorRate', below: '1%' }, { kind: 'rate', dispersion: 1 }],
    ['dispersion', { metric: 'errorRate', below: '1%', dispersion: 3 }, { kind: 'rate', dispersion: 3 }],
    ['strict', { metric: 'errorRate', below: '1%', strict: true }, { kind: 'windows', failures: 1, of: 1 }],
    ['a percentile', { metric: 'latency', stat: 'p99', below: '1s' }, twoOfThree],
    [
      'failures',
      { metric: 'latency', stat: 'p99', below: '1s', failures: '3 of 5' },
      { kind: 'windows', failures: 3, of: 5 },
    ],
    [
      'percent of two sums',
      { metric: 'won', above: '1%', source: quotient },
      { kind: 'rate', dispersion: 1 },
    ],
    ['a plain quotient', { metric: 'won', above: 0.01, source: quotient }, twoOfThree],
    [
      'percent of averages',
      { metric: 'won', above: '1%', source: { ...quotient, stat: 'Average' } },
      twoOfThree,
    ],
  ];
  for (const [what, rule, expected] of ruled)
    it(`bound with ${what}: compiled -> ${JSON.stringify(expected)}`, () =>
      assert.deepEqual(boundOf(rule).rule, expected));

  it('judging: two tests, a percentile and an alarm -> the tests share the false alarms of all bakes', () => {
    const { judging, steps } = planWith({
      guardrails: [
        { metric: 'errorRate', below: '1%' },
        { metric: 'modelErrorRate', notWorseThanBaselineBy: '10%' },
        { metric: 'latency', stat: 'p99', below: '1s' },
        { alarm: 'errors' },
      ],
      rollbackWindow: '1h',
    });
    const bakes = steps.flatMap((step) => (step.kind === 'bake' ? [step.seconds] : []));
    assert.equal(judging?.testedGuardrails, 2);
    assert.equal(
      judging.watchedSeconds,
      bakes.reduce((sum, seconds) => sum + seconds, 3_600),
    );
  });

  it('latency guardrail: compiled -> scaled from microseconds to milliseconds', () => {
    const { metric, bound } = boundOf({ metric: 'latency', stat: 'p99', below: '2s' });
    assert.ok(metric.expression === undefined);
    assert.deepEqual(
      [metric.unit, metric.scale, metric.numerator.name, metric.numerator.stat, bound],
      ['ms', 0.001, 'ModelLatency', 'p99', 2_000],
    );
  });

  it('source metric: `per` without its own fields -> the fields of the numerator', () => {
    const source = { namespace: 'Shop', name: 'Orders', dimensions: { V: 'x {endpoint}/{variant}' } };
    const { metric, direction, bound, minimumRequests } = boundOf({
      metric: 'orders',
      above: '2%',
      source: { ...source, per: 'Visits' },
    });
    assert.deepEqual(
      [metric.unit, metric.scale, direction, bound, minimumRequests],
      ['percent', 100, 'above', 2, 100],
    );
    assert.ok(metric.expression === undefined);
    assert.equal(metric.numerator.dimensions['V'], 'x digits/{variant}');
    assert.deepEqual(metric.denominator, { ...metric.numerator, name: 'Visits' });
    const plain = boundOf({
      metric: 'orders',
      above: 5,
      source: { ...source, per: { name: 'V', stat: 'Average' } },
    });
    assert.ok(plain.metric.expression === undefined);
    assert.deepEqual(
      [plain.metric.unit, plain.metric.scale, plain.metric.denominator?.stat],
      ['none', 1, 'Average'],
    );
  });

  it("expression: compiled -> series of the candidate, and the highest minimum of its operands' statistics", () => {
    const metrics = {
      m1: { namespace: 'Shop', name: 'Failed' },
      m2: { namespace: 'Shop', name: 'Time', stat: 'p99', dimensions: { Side: '{role}' } },
    };
    const { metric, minimumRequests } = boundOf({
      metric: 'failures',
      below: '2%',
      source: { expression: 'm1 / m2', metrics },
    });
    assert.ok(metric.expression !== undefined);
    assert.deepEqual([metric.unit, metric.scale, metric.expression], ['percent', 100, 'm1 / m2']);
    assert.equal(metric.operands['m1']?.dimensions['VariantName'], '{variant}');
    assert.deepEqual(metric.operands['m2']?.dimensions, { Side: 'candidate' });
    assert.equal(minimumRequests, 1_000);
  });

  const windows: [string, object, number][] = [
    ['default -> one minute', { serve: { metricsEvery: '10s' } }, 60],
    ['period above one minute -> one period', { serve: { metricsEvery: '2m' } }, 120],
    [
      'bake below one minute -> whole periods within the bake',
      { serve: { metricsEvery: '10s' }, ...canary(['1%'], '45s') },
      40,
    ],
  ];
  for (const [what, fields, seconds] of windows)
    it(`guardrail window: ${what}`, () =>
      assert.equal(boundOf({ metric: 'errorRate', below: '1%' }, fields).windowSeconds, seconds));

  it('latency percentile: no minimumRequests -> default from the percentile; minimumRequests -> that number', () => {
    const latency = { metric: 'latency', stat: 'p99', below: '1s' };
    assert.equal(boundOf(latency).minimumRequests, 1_000);
    assert.equal(boundOf({ ...latency, minimumRequests: 30 }).minimumRequests, 30);
  });

  it('guardrail ids: several rules of one metric -> unique ids, independent of later rules', () => {
    const guardrails = [
      { alarm: 'digits-5xx' },
      { metric: 'errorRate', below: '1%' },
      { metric: 'errorRate', below: '2%' },
      { metric: 'latency', stat: 'p99', below: '1s' },
      { metric: 'errorRate', below: '3%' },
    ];
    const ids = planWith({ guardrails }).guardrails.map((guardrail) => guardrail.id);
    assert.deepEqual(ids, ['alarm:digits-5xx', 'errorRate', 'errorRate-2', 'latency-p99', 'errorRate-3']);
  });

  it('compilePlan: plan -> survives JSON serialization', () => {
    const plan = planWith({ onInconclusive: { rollBack: { after: '2h' } }, guardrails: [{ alarm: 'a' }] });
    assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan);
    assert.deepEqual([plan.onInconclusive, plan.limits.holdSeconds], ['rollBack', 7_200]);
  });
});
