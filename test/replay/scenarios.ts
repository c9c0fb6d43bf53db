/** The rollouts whose histories are kept: each goes through another part of the runbook. */
import type { Running } from '../workflows/harness.js';
import { conversionGoal, trainingModel, verdict, World } from '../workflows/fake-activities.js';

export interface Story {
  name: string;
  world: World;
  /** Commands on the way; then the rollout ends by itself. */
  tell?: (running: Running) => Promise<void>;
  outcome: string;
}

const ana = { actor: 'ana', reason: 'for the record' };

export function stories(): Story[] {
  return [
    { name: 'promoted-with-training', world: trainedWorld(), outcome: 'promoted' },
    { name: 'rolled-back-by-a-guardrail', world: failingWorld(), outcome: 'rolledBack' },
    { name: 'held-and-inconclusive', world: unknownWorld(), outcome: 'inconclusive' },
    { name: 'aborted-while-baking', world: bakingWorld(), tell: abort, outcome: 'aborted' },
    {
      name: 'paused-resumed-promoted-full',
      world: bakingWorld(),
      tell: pauseThenPromote,
      outcome: 'promoted',
    },
    { name: 'gated-told-and-undone', world: gatedWorld(), tell: approveThenUndo, outcome: 'aborted' },
    { name: 'two-endpoints', world: twoEndpointsWorld(), outcome: 'promoted' },
    { name: 'tested-with-an-adapting-split', world: testedWorld(), outcome: 'promoted' },
  ];
}

/** Every gate, a freeze, notices, and the way back out of the rollback window. */
function gatedWorld(): World {
  const base = { withinSeconds: null };
  const world = new World({
    steps: [
      { kind: 'deploy', stage: 0, arrangement: { kind: 'beside' } },
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
        gate: { ...base, id: 'go', kind: 'approval', people: 1, starterMayApprove: true, verified: false },
      },
      { kind: 'setWeights', stage: 2, weights: { baseline: 0, candidate: 100 } },
      { kind: 'gate', stage: 2, gate: { ...base, id: 'last', kind: 'manual' } },
    ],
    serve: { instanceType: null, count: 4, metricPeriodSeconds: 60, capacity: 'bothFollow' },
    freeze: [{ zone: 'Europe/Berlin', kind: 'weekly', days: [5], from: '16:00', to: '08:00' }],
    notify: [
      { kind: 'sns', topicArn: 'arn', occasions: ['started', 'gate', 'rollback', 'promoted', 'ended'] },
    ],
    rollbackWindow: { seconds: 86_400, baseline: 'scaledIn' },
  });
  world.calendar.push(
    ...Array.from({ length: 20 }, () => ({ holds: false, until: null, sentence: 'no freeze' })),
  );
  world.reports.push(({ mode }) => (mode === 'guard' ? 'watching' : {}));
  return world;
}

async function approveThenUndo(running: Running): Promise<void> {
  await running.until(({ gate }) => gate?.id === 'office');
  await running.send('promote', ana);
  await running.until(({ gate }) => gate?.id === 'go');
  await running.send('approve', ana);
  await running.until(({ gate }) => gate?.id === 'last');
  await running.send('promote', ana);
  await running.phase('rollbackWindow');
  await running.send('undo', ana);
}

function twoEndpointsWorld(): World {
  const world = new World({
    topology: 'endpoints',
    steps: [
      { kind: 'deploy', stage: 0, arrangement: { kind: 'beside' } },
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

function testedWorld(): World {
  const adapt = { everySeconds: 86_400, floor: 10, cap: 90, largestStep: 10 };
  const world = new World({
    goals: [conversionGoal],
    steps: [
      { kind: 'deploy', stage: 1, arrangement: { kind: 'shadow', mirrorPercent: 50 } },
      { kind: 'bake', stage: 1, seconds: 1800 },
      { kind: 'deploy', stage: 1, arrangement: { kind: 'beside' } },
      { kind: 'setWeights', stage: 2, weights: { baseline: 50, candidate: 50 } },
      { kind: 'experiment', stage: 2, minimumSeconds: 172_800, maximumSeconds: 604_800, adapt },
      { kind: 'setWeights', stage: 3, weights: { baseline: 0, candidate: 100 } },
    ],
  });
  world.nextLook = '12h';
  world.shares.push(60);
  let rounds = 0;
  world.reports.push(({ goals, roundEnds }, now) => {
    if (goals.length === 0) return {};
    if (now < Date.parse(roundEnds)) return 'watching';
    return ++rounds > 3 ? { kind: 'clear' } : { kind: 'round' };
  });
  return world;
}

function trainedWorld(): World {
  const world = new World({
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

function failingWorld(): World {
  const world = new World();
  const failed = verdict('fail', 'error rate 7.1 % is not < 1 %, window 1 of 6');
  world.reports.push(
    () => ({}),
    () => ({ kind: 'fail', sentence: failed.sentence, verdicts: [failed] }),
  );
  return world;
}

function unknownWorld(): World {
  const world = new World({ onInconclusive: 'rollBack' });
  world.reports.push(
    () => ({}),
    ({ carried, roundEnds }, now) =>
      carried && now < Date.parse(roundEnds)
        ? 'watching'
        : { kind: 'undecided', sentence: 'error rate: no data' },
  );
  return world;
}

function bakingWorld(): World {
  const world = new World();
  world.reports.push(({ mode }) => (mode === 'bake' ? 'watching' : {}));
  return world;
}

async function abort(running: Running): Promise<void> {
  await running.phase('baking');
  await running.send('abort', ana);
}

async function pauseThenPromote(running: Running): Promise<void> {
  await running.phase('baking');
  await running.send('pause', ana);
  await running.send('resume', ana);
  await running.send('promote', { ...ana, full: true });
}
