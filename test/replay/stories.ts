/** The rollouts whose histories are kept: each goes through another part of the runbook. */
import type { Running } from '../workflows/harness.js';
import { trainingModel, verdict, World } from '../workflows/world.js';

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
  ];
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
