/** Rollouts whose histories are stored. Each one covers another part of the runbook. */
import type { RolloutUnderTest } from '../workflows/rollout-under-test.js';
import { conversionGoal, trainingModel, verdict, FakeActivities } from '../workflows/fake-activities.js';

export interface Scenario {
  name: string;
  world: FakeActivities;
  /** Sends commands. After them the rollout ends without further commands. */
  act?: (running: RolloutUnderTest) => Promise<void>;
  outcome: string;
}

const ana = { actor: 'ana', reason: 'for the record' };

export function scenarios(): Scenario[] {
  return [
    { name: 'promoted-with-training', world: trainedWorld(), outcome: 'promoted' },
    { name: 'rolled-back-by-a-guardrail', world: failingWorld(), outcome: 'rolledBack' },
    { name: 'held-and-inconclusive', world: unknownWorld(), outcome: 'inconclusive' },
    { name: 'aborted-while-baking', world: bakingWorld(), act: abort, outcome: 'aborted' },
    {
      name: 'paused-resumed-promoted-full',
      world: bakingWorld(),
      act: pauseThenPromote,
      outcome: 'promoted',
    },
    { name: 'gated-notified-and-undone', world: gatedWorld(), act: approveThenUndo, outcome: 'aborted' },
    { name: 'two-endpoints', world: twoEndpointsWorld(), outcome: 'promoted' },
    { name: 'tested-with-an-adapting-split', world: testedWorld(), outcome: 'promoted' },
  ];
}

/** Every kind of gate, a freeze, notifications, and an undo in the rollback window. */
function gatedWorld(): FakeActivities {
  const base = { withinSeconds: null };
  const world = new FakeActivities({
    steps: [
      { kind: 'deploy', stage: 0, arrangement: { kind: 'sideBySide' } },
      {
        kind: 'gate',
        stage: 1,
        gate: {
          ...base,
          id: 'ci',
          kind: 'webhook',
          address: { env: 'CI' },
          secretEnv: null,
          everySeconds: 60,
        },
      },
      { kind: 'setWeights', stage: 1, weights: { baseline: 90, candidate: 10 } },
      { kind: 'gate', stage: 2, gate: { ...base, id: 'office', kind: 'hours', open: [] } },
      {
        kind: 'gate',
        stage: 2,
        gate: { ...base, id: 'go', kind: 'approval', people: 1, allowStarter: true, verified: false },
      },
      { kind: 'setWeights', stage: 2, weights: { baseline: 0, candidate: 100 } },
      { kind: 'gate', stage: 2, gate: { ...base, id: 'last', kind: 'manual' } },
    ],
    serve: { instanceType: null, count: 4, metricPeriodSeconds: 60, capacity: 'scaleBoth' },
    freeze: [{ zone: 'Europe/Berlin', kind: 'weekly', days: [5], from: '16:00', to: '08:00' }],
    notify: [
      {
        kind: 'sns',
        topicArn: 'arn',
        notificationEvents: ['started', 'gate', 'rollback', 'promoted', 'ended'],
      },
    ],
    rollbackWindow: { seconds: 86_400, baseline: 'scaledIn' },
  });
  world.calendar.push(
    ...Array.from({ length: 20 }, () => ({ holds: false, until: null, message: 'no freeze' })),
  );
  world.reports.push(({ mode }) => (mode === 'guard' ? 'watching' : {}));
  return world;
}

async function approveThenUndo(running: RolloutUnderTest): Promise<void> {
  await running.until(({ gate }) => gate?.id === 'office');
  await running.send('promote', ana);
  await running.until(({ gate }) => gate?.id === 'go');
  await running.send('approve', ana);
  await running.until(({ gate }) => gate?.id === 'last');
  await running.send('promote', ana);
  await running.phase('rollbackWindow');
  await running.send('undo', ana);
}

function twoEndpointsWorld(): FakeActivities {
  const world = new FakeActivities({
    topology: 'endpoints',
    steps: [
      { kind: 'deploy', stage: 0, arrangement: { kind: 'sideBySide' } },
      { kind: 'setWeights', stage: 1, weights: { baseline: 50, candidate: 50 } },
      { kind: 'bake', stage: 1, seconds: 1800 },
      { kind: 'setWeights', stage: 2, weights: { baseline: 0, candidate: 100 } },
    ],
    rollbackWindow: { seconds: 600, baseline: 'warm' },
  });
  world.reports.push(({ mode, roundEnds }, now) =>
    mode !== 'guard' ? {} : now < Date.parse(roundEnds) ? 'watching' : { kind: 'round' },
  );
  return world;
}

function testedWorld(): FakeActivities {
  const adapt = { everySeconds: 86_400, floor: 10, cap: 90, maxStep: 10 };
  const world = new FakeActivities({
    goals: [conversionGoal],
    steps: [
      { kind: 'deploy', stage: 1, arrangement: { kind: 'shadow', mirrorPercent: 50 } },
      { kind: 'bake', stage: 1, seconds: 1800 },
      { kind: 'deploy', stage: 1, arrangement: { kind: 'sideBySide' } },
      { kind: 'setWeights', stage: 2, weights: { baseline: 50, candidate: 50 } },
      { kind: 'experiment', stage: 2, minimumSeconds: 172_800, maximumSeconds: 604_800, adapt },
      { kind: 'setWeights', stage: 3, weights: { baseline: 0, candidate: 100 } },
    ],
  });
  world.pollInterval = '12h';
  world.shares.push(60);
  let rounds = 0;
  world.reports.push(({ goals, roundEnds }, now) => {
    if (goals.length === 0) return {};
    if (now < Date.parse(roundEnds)) return 'watching';
    return ++rounds > 3 ? { kind: 'clear' } : { kind: 'round' };
  });
  return world;
}

function trainedWorld(): FakeActivities {
  const world = new FakeActivities({
    models: { baseline: trainingModel('a'), candidate: trainingModel('b') },
    registration: { group: 'digits', approval: 'automatic' },
    serve: { instanceType: 'ml.m5.large', count: 1, metricPeriodSeconds: 60, capacity: 'full' },
    validation: {
      smoke: null,
      golden: null,
      load: null,
      latency: { percentile: 99, belowMs: 250, requests: 10 },
    },
  });
  world.starting = { kind: 'absent' };
  return world;
}

function failingWorld(): FakeActivities {
  const world = new FakeActivities();
  const failed = verdict('fail', 'error rate 7.1 % is not < 1 %, window 1 of 6');
  world.reports.push(
    () => ({}),
    () => ({ kind: 'fail', message: failed.message, verdicts: [failed] }),
  );
  return world;
}

function unknownWorld(): FakeActivities {
  const world = new FakeActivities({ onInconclusive: 'rollBack' });
  world.reports.push(
    () => ({}),
    ({ continued, roundEnds }, now) =>
      continued && now < Date.parse(roundEnds)
        ? 'watching'
        : { kind: 'undecided', message: 'error rate: no data' },
  );
  return world;
}

function bakingWorld(): FakeActivities {
  const world = new FakeActivities();
  world.reports.push(({ mode }) => (mode === 'bake' ? 'watching' : {}));
  return world;
}

async function abort(running: RolloutUnderTest): Promise<void> {
  await running.phase('baking');
  await running.send('abort', ana);
}

async function pauseThenPromote(running: RolloutUnderTest): Promise<void> {
  await running.phase('baking');
  await running.send('pause', ana);
  await running.send('resume', ana);
  await running.send('promote', { ...ana, full: true });
}
