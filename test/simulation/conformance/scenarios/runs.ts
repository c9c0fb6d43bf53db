/** Rollouts that continue as new after few events. */
import { twoPeople } from '../../../workflows/commands/signed-approvers.js';
import { FakeActivities } from '../../../workflows/fake-activities.js';
import { shortRuns } from '../bundle/run-length.js';
import type { Scenario, Side } from '../side.js';
import { baking, windowed } from './worlds.js';

const id = `rollout:${shortRuns}`;

function gated(): FakeActivities {
  const world = new FakeActivities({
    steps: [
      { kind: 'deploy', stage: 0, arrangement: { kind: 'sideBySide' } },
      { kind: 'gate', stage: 1, gate: twoPeople },
      { kind: 'setWeights', stage: 1, weights: { baseline: 0, candidate: 100 } },
    ],
  });
  return world;
}

async function begin(side: Side) {
  return side.start('rollout', id, [{ apiVersion: 'penstock/v1' }], { startedBy: 'ana' });
}

/** Pauses and resumes in turn. */
async function command(side: Side, times: number, key = ''): Promise<void> {
  for (let i = 0; i < times; i++) {
    await side.workflow(id).command(i % 2 === 0 ? 'pause' : 'resume', {}, `${key}${i}`);
    await side.rest();
  }
}

export const runScenarios: Scenario[] = [
  {
    name: 'continue-as-new during a bake, then abort',
    worlds: { [id]: baking },
    async play(side) {
      const rollout = await begin(side);
      await rollout.phase('baking');
      await command(side, 12);
      await rollout.query('status');
      await rollout.command('abort');
      await rollout.result();
      await rollout.query('timeline');
    },
  },
  {
    name: 'continue-as-new during a bake, then promote full',
    worlds: { [id]: baking },
    async play(side) {
      const rollout = await begin(side);
      await rollout.phase('baking');
      await command(side, 6);
      await rollout.command('promote', { full: true });
      await rollout.result();
    },
  },
  {
    name: 'continue-as-new between two approvals',
    worlds: { [id]: gated },
    async play(side) {
      const rollout = await begin(side);
      await rollout.phase('gated');
      await rollout.command('approve', { actor: 'ben' }, 'ben');
      await side.rest();
      await command(side, 12);
      await rollout.command('approve', { actor: 'ben' }, 'ben again');
      await rollout.command('approve', { actor: 'cem' }, 'cem');
      await rollout.result();
      await rollout.query('timeline');
    },
  },
  {
    name: 'continue-as-new in the rollback window, then undo',
    worlds: { [id]: windowed },
    async play(side) {
      const rollout = await begin(side);
      await rollout.phase('rollbackWindow');
      await command(side, 8);
      await rollout.command('undo');
      await rollout.result();
    },
  },
];
