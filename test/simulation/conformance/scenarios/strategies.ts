/** Plans of every strategy, as the compiler makes them. Every window passes at once. */
import { compilePlan } from '../../../../src/plan/compile/compile-plan.js';
import { validateSpec } from '../../../../src/plan/spec/validate-spec.js';
import { conversionGoal, FakeActivities, trainingModel } from '../../../workflows/fake-activities.js';
import type { Scenario } from '../side.js';
import { polling } from './worlds.js';

const models = { baseline: 'live', candidate: { model: 'digits-new' } };
const training = {
  ...{ image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/digits:7', stopAfter: '4h' },
  ...{ role: 'arn:aws:iam::123456789012:role/sagemaker', input: { train: 's3://example/train' } },
  ...{ output: 's3://example/models', instance: { type: 'ml.m5.large', volume: '10GB' } },
};
const validate = { smoke: [{ body: { user: 7 } }], latency: { p99: '250ms', requests: 10 } };
const goals = [{ metric: 'conversion', higherIsBetter: true }];

const specs: Record<string, object> = {
  standard: { models, strategy: { standard: { bake: '15m' } } },
  canary: {
    ...{ models, validate, guardrails: [{ alarm: 'digits-5xx' }, { metric: 'errorRate', below: '1%' }] },
    strategy: { canary: { steps: ['1%', { share: '10%', bake: '6h' }, '50%'], bake: '30m' } },
  },
  linear: { models, strategy: { linear: { by: '25%', every: '1h' } } },
  'blue-green': {
    ...{ models, validate, strategy: { blueGreen: { bake: '15m' } } },
    freeze: [{ from: '2020-12-23T00:00', to: '2021-01-02T06:00', zone: 'Europe/Berlin' }],
  },
  'A/B test after a canary': {
    ...{ models, goals, onInconclusive: 'rollBack' },
    strategy: [
      { canary: { steps: ['1%'], bake: '1h' } },
      { abTest: { split: '50%', for: '14d', atMost: '28d' } },
    ],
  },
  bandit: {
    ...{ models, goals },
    strategy: {
      bandit: { start: '30%', every: '1d', floor: '10%', cap: '90%', step: '15%', for: '7d', atMost: '28d' },
    },
  },
  'canary after a shadow': {
    models,
    strategy: [{ shadow: { mirror: '100%', bake: '2h' } }, { canary: { steps: ['5%'], bake: '30m' } }],
  },
  'two endpoints': {
    ...{ models, serve: { topology: 'endpoints', instance: 'ml.m5.large', count: 4, capacity: 'scaleBoth' } },
    strategy: { canary: { steps: ['5%', '50%'], bake: '20m' } },
  },
  'first deployment': {
    ...{ models: { candidate: { model: 'digits-new' } }, serve: { instance: 'ml.m5.large', count: 2 } },
    ...{ validate, strategy: { standard: { bake: '15m' } } },
  },
  'training and registration': {
    ...{
      models: { baseline: 'live', candidate: { train: training }, register: { group: 'digits' } },
      validate,
    },
    strategy: { canary: { steps: ['10%'], bake: '30m' } },
  },
  'model package': {
    models: {
      baseline: 'live',
      candidate: {
        package: 'arn:aws:sagemaker:eu-west-1:123456789012:model-package/digits/7',
        role: 'arn:aws:iam::123456789012:role/sagemaker',
      },
    },
    strategy: { canary: { steps: ['10%'], bake: '30m' } },
  },
};

const identity = { workflowId: 'rollout:digits', runId: 'conformance' };

function compiled(name: string): FakeActivities {
  const spec = { apiVersion: 'penstock/v1', endpoint: 'digits', guardrails: [], ...specs[name] };
  const world = polling();
  world.plan = compilePlan(validateSpec(spec), identity);
  // Two hours in the spec.
  if (world.plan.rollbackWindow) world.plan.rollbackWindow.seconds = 1;
  if (world.plan.models.baseline.kind === 'none') {
    world.starting = { kind: 'absent' };
    world.endpoints.clear();
  }
  world.calendar.push({ holds: false, until: null, message: 'no freeze' });
  world.shares.push(45);
  return world;
}

/** A split that changes every two seconds. */
function adapting(): FakeActivities {
  const adapt = { everySeconds: 2, floor: 10, cap: 90, maxStep: 10 };
  const world = new FakeActivities({
    goals: [conversionGoal],
    steps: [
      { kind: 'deploy', stage: 1, arrangement: { kind: 'sideBySide' } },
      { kind: 'setWeights', stage: 2, weights: { baseline: 50, candidate: 50 } },
      { kind: 'experiment', stage: 2, minimumSeconds: 0, maximumSeconds: 60, adapt },
      { kind: 'setWeights', stage: 3, weights: { baseline: 0, candidate: 100 } },
    ],
  });
  world.pollInterval = '500ms';
  world.shares.push(60);
  let rounds = 0;
  world.reports.push(({ goals, roundEnds }, now) => {
    if (goals.length === 0) return {};
    if (now < Date.parse(roundEnds)) return 'watching';
    return ++rounds > 2 ? { kind: 'clear' } : { kind: 'round' };
  });
  return world;
}

/** Nothing is deployed before it. */
function trainingBoth(): FakeActivities {
  const world = new FakeActivities({
    models: { baseline: trainingModel('a'), candidate: trainingModel('b') },
    registration: { group: 'digits', approval: 'automatic' },
    serve: { instanceType: 'ml.m5.large', count: 1, metricPeriodSeconds: 60, capacity: 'full' },
  });
  world.starting = { kind: 'absent' };
  return world;
}

async function toTheEnd(side: Parameters<Scenario['play']>[0]): Promise<void> {
  const rollout = await side.rollout();
  await rollout.result();
  await rollout.query('status');
  await rollout.query('plan');
  await rollout.query('timeline');
}

export const strategyScenarios: Scenario[] = [
  ...Object.keys(specs).map((name): Scenario => ({
    name: `strategy ${name}`,
    worlds: { 'rollout:digits': () => compiled(name) },
    options: { hasAttempts: name !== 'blue-green' },
    play: toTheEnd,
  })),
  {
    name: 'bandit whose split changes',
    worlds: { 'rollout:digits': adapting },
    options: { hasAttempts: false },
    play: toTheEnd,
  },
  {
    name: 'two endpoints with a rollback window',
    worlds: {
      'rollout:digits': () =>
        polling({ topology: 'endpoints', rollbackWindow: { seconds: 2, baseline: 'scaledIn' } }),
    },
    options: { hasAttempts: false },
    play: toTheEnd,
  },
  {
    name: 'two models trained side by side',
    worlds: { 'rollout:digits': trainingBoth },
    options: { isParallel: true },
    play: toTheEnd,
  },
];
