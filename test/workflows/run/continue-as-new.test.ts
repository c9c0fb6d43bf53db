import assert from 'node:assert/strict';
import type { Step } from '../../../src/plan/compiled/step.js';
import { withRollout } from '../harness.js';
import { alternate } from './alternate.js';
import { inShortRuns } from './in-short-runs.js';
import { countNewRuns, watchingWorld } from './watching-world.js';
import { twoPeople } from '../commands/signed-approvers.js';
import { names, trainingModel, verdict, type FakeActivities } from '../fake-activities.js';

const ben = { actor: 'ben', reason: 'needs a check' };

/** Calls of activities, without watches and notifications. */
function effects({ calls }: FakeActivities): string[] {
  return calls.filter((call) => !call.startsWith('watch') && !call.startsWith('notify'));
}

describe('continue-as-new', () => {
  it('continue-as-new: several runs -> same calls and same result as in one run', async () => {
    const [whole, parts] = [watchingWorld({}, 4), watchingWorld({}, 4)];
    const once = await withRollout(whole, (running) => running.result());
    const { result, timeline } = await inShortRuns(parts, async (running) => ({
      result: await running.result(),
      timeline: await running.timeline(),
    }));
    assert.ok(countNewRuns(timeline) > 1, 'only one run');
    assert.deepEqual(effects(parts), effects(whole));
    assert.deepEqual(
      { ...result, endpoint: '', startedAt: '', endedAt: '' },
      { ...once, endpoint: '', startedAt: '', endedAt: '' },
    );
    const phases = timeline.filter(({ kind }) => kind === 'phase').map((entry) => entry.message);
    assert.equal(new Set(phases).size, phases.length, `a phase was entered twice: ${phases.join('; ')}`);
  });

  it('continue-as-new: abort in a later run -> restores the config from before the first run', async () => {
    const world = watchingWorld();
    const result = await inShortRuns(world, async (running) => {
      await running.phase('baking');
      await alternate(running, 40);
      await running.send('abort', ben);
      return running.result();
    });
    assert.equal(result.outcome, 'aborted');
    assert.equal(world.config, 'digits-original');
  });

  it('continue-as-new: approvals before and after it -> both count', async () => {
    const steps: Step[] = [
      { kind: 'deploy', stage: 0, arrangement: { kind: 'sideBySide' } },
      { kind: 'gate', stage: 1, gate: twoPeople },
      { kind: 'setWeights', stage: 1, weights: { baseline: 0, candidate: 100 } },
    ];
    const world = watchingWorld({ steps });
    const result = await inShortRuns(world, async (running) => {
      await running.phase('gated');
      await running.send('approve', ben);
      await alternate(running, 40);
      assert.deepEqual((await running.status()).gate?.approvals, ['ben']);
      await running.send('approve', { actor: 'cem', reason: 'checked' });
      return running.result();
    });
    assert.equal(result.outcome, 'promoted', result.reason);
  });

  it('continue-as-new: in the rollback window -> its end does not move', async () => {
    const world = watchingWorld({ rollbackWindow: { seconds: 40, baseline: 'warm' } }, 1);
    const { result, began } = await inShortRuns(world, async (running) => {
      const { phaseSince } = await running.phase('rollbackWindow');
      for (let i = 0; i < 5; i++) {
        await running.skipTime('1s');
        await alternate(running, 4);
      }
      return { result: await running.result(), began: Date.parse(phaseSince) };
    });
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.equal(world.config, names.singleConfig.candidate);
    const lasted = (Date.parse(result.endedAt) - began) / 1000;
    assert.ok(lasted >= 40, `${lasted} s`);
  });

  it('continue-as-new: training is denied for a day -> one job each, promoted', async () => {
    const world = watchingWorld(
      {
        models: { baseline: trainingModel('a'), candidate: trainingModel('b') },
        serve: { instanceType: 'ml.m5.large', count: 1, metricPeriodSeconds: 60, capacity: 'full' },
      },
      4,
    );
    world.starting = { kind: 'absent' };
    for (let i = 0; i < 100; i++)
      world.failures.push({ activity: 'trainModel', type: 'AccessDenied', message: 'no right to train' });
    const { jobs, timeline } = await inShortRuns(world, async (running) => {
      assert.equal((await running.result()).outcome, 'promoted');
      return { jobs: (await running.status()).jobs, timeline: await running.timeline() };
    });
    assert.ok(countNewRuns(timeline) > 1, 'only one run');
    assert.deepEqual(
      jobs.map(({ role, state }) => [role, state]),
      [
        ['baseline', 'done'],
        ['candidate', 'done'],
      ],
    );
  });

  it('continue-as-new: during a hold -> the hold time continues', async () => {
    const unknown = verdict('inconclusive', 'error rate: no data');
    const world = watchingWorld({ onInconclusive: 'rollBack' });
    world.reports.length = 0;
    world.plan.limits.holdSeconds = 40;
    world.reports.push(({ mode, roundEnds, continued }, now) => {
      if (mode === 'final') return {};
      const isNew = continued === null;
      return isNew || now >= Date.parse(roundEnds)
        ? { kind: 'undecided', message: unknown.message, verdicts: [unknown] }
        : 'watching';
    });
    const result = await inShortRuns(world, async (running) => {
      await running.until(({ hold }) => hold !== null);
      await running.skipTime('3s');
      await alternate(running, 14);
      return running.result();
    });
    assert.equal(result.outcome, 'inconclusive', result.reason);
    const lasted = (Date.parse(result.endedAt) - Date.parse(result.startedAt)) / 1000;
    assert.ok(lasted >= 40, `${lasted} s`);
  });
});
