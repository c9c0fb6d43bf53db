import assert from 'node:assert/strict';
import type { Step } from '../../../src/plan/compiled/step.js';
import type { WatchStatus } from '../../../src/workflows/messages.js';
import { FakeActivities, verdict } from '../fake-activities.js';
import { withRollout, type SimulatedRollout } from '../harness.js';
import { alternate } from '../run/alternate.js';
import { inShortRuns } from '../run/in-short-runs.js';
import { watchingWorld } from '../run/watching-world.js';

const ben = { actor: 'ben', reason: 'checked' };
const unknown = verdict('inconclusive', 'error rate: no data');

const steps: Step[] = [
  { kind: 'deploy', stage: 0, arrangement: { kind: 'sideBySide' } },
  { kind: 'setWeights', stage: 1, weights: { baseline: 90, candidate: 10 } },
  { kind: 'bake', stage: 1, seconds: 3_600 },
  { kind: 'gate', stage: 2, gate: { id: 'release', kind: 'manual', withinSeconds: null } },
  { kind: 'setWeights', stage: 2, weights: { baseline: 0, candidate: 100 } },
];

function inMode(running: SimulatedRollout, mode: WatchStatus['mode']): Promise<WatchStatus> {
  return running.until(({ watch }) => watch?.mode === mode, mode).then(({ watch }) => watch!);
}

describe('watch in the status', () => {
  it('status of the watch: from the first check to the promotion -> its mode, its need and since when', async () => {
    const world = new FakeActivities({ steps });
    let stage: 'check' | 'bake' | 'unknown' | 'held' | 'clear' = 'check';
    world.reports.push(({ mode }) => {
      if (mode === 'final') return stage === 'check' ? 'watching' : {};
      if (mode === 'guard' || stage === 'bake' || stage === 'held') return 'watching';
      if (stage === 'clear') return {};
      stage = 'held';
      return { kind: 'undecided', message: unknown.message, verdicts: [unknown] };
    });
    await withRollout(world, async (running) => {
      const check = await inMode(running, 'lastCheck');
      assert.equal(check.need, 'allRead');
      stage = 'bake';
      const baking = await inMode(running, 'baking');
      assert.equal(baking.need, 'allKnown');
      await running.skipTime('2h');
      assert.deepEqual((await running.status()).watch, baking);
      stage = 'unknown';
      const overdue = await inMode(running, 'overdue');
      assert.equal(overdue.need, 'allKnown');
      assert.ok(Date.parse(overdue.since) >= Date.parse(baking.since) + 7_200_000);
      stage = 'clear';
      const guarding = await inMode(running, 'guarding');
      assert.equal(guarding.need, 'allKnown');
      assert.equal((await running.status()).phase, 'gated');
      await running.send('promote', ben);
      assert.equal((await running.result()).outcome, 'promoted');
      assert.equal((await running.status()).watch, null);
    });
  });

  it('status of the watch: before the deployment and during a rollback -> null', async () => {
    const world = new FakeActivities({ steps });
    world.reports.push(({ mode }) => (mode === 'final' ? {} : 'watching'));
    world.inProgress.add('preflight');
    await withRollout(world, async (running) => {
      assert.equal((await running.phase('preflight')).watch, null);
      world.inProgress.delete('preflight');
      await inMode(running, 'baking');
      world.inProgress.add('setWeights');
      await running.send('abort', ben);
      assert.equal((await running.phase('rollingBack')).watch, null);
      world.inProgress.delete('setWeights');
      assert.equal((await running.result()).outcome, 'aborted');
    });
  });

  it('status of the watch: later runs of the rollout -> the mode began in the first one', async () => {
    await inShortRuns(watchingWorld(), async (running) => {
      const baking = await inMode(running, 'baking');
      await alternate(running, 20);
      assert.deepEqual((await running.status()).watch, baking);
      await running.send('abort', ben);
      await running.result();
    });
  });
});
