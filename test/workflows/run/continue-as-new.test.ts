import assert from 'node:assert/strict';
import type { Step } from '../../../src/plan/compiled/step.js';
import { workflowBundle } from '../../support/workflow-bundle.js';
import type { RolloutUnderTest } from '../harness.js';
import { countNewRuns, inRuns, watchingWorld } from './real-clock-runs.js';
import { twoPeople } from '../commands/signed-approvers.js';
import { names, verdict, type FakeActivities } from '../fake-activities.js';

const ben = { actor: 'ben', reason: 'needs a check' };

/** Pauses and resumes in turn, and checks the result of each update. */
async function command(running: RolloutUnderTest, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const name = i % 2 === 0 ? 'pause' : 'resume';
    const status = await running.send(name, { actor: 'ben', reason: `${name} ${i}` });
    assert.equal(status.paused, name === 'pause');
  }
}

/** Calls of activities, without watches and notifications. */
function effects({ calls }: FakeActivities): string[] {
  return calls.filter((call) => !call.startsWith('watch') && !call.startsWith('notify'));
}

describe('continue-as-new', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);

  it('continue-as-new: several runs -> same calls and same result as in one run', async () => {
    const [whole, parts] = [watchingWorld({}, 4), watchingWorld({}, 4)];
    const once = await inRuns(whole, (running) => running.result(), workflowBundle());
    const { result, timeline } = await inRuns(parts, async (running) => ({
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

  it('continue-as-new: 40 commands -> each is answered once and in the timeline, in order', async () => {
    const world = watchingWorld();
    const timeline = await inRuns(world, async (running) => {
      await running.phase('baking');
      await command(running, 40);
      return running.timeline();
    });
    assert.ok(countNewRuns(timeline) > 3, `${countNewRuns(timeline)} new runs`);
    const reasons = timeline.flatMap((entry) => (entry.kind === 'command' ? [entry.reason] : []));
    assert.deepEqual(
      reasons,
      Array.from({ length: 40 }, (_, i) => `${i % 2 === 0 ? 'pause' : 'resume'} ${i}`),
    );
  });

  it('continue-as-new: abort in a later run -> restores the config from before the first run', async () => {
    const world = watchingWorld();
    const result = await inRuns(world, async (running) => {
      await running.phase('baking');
      await command(running, 40);
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
    const result = await inRuns(world, async (running) => {
      await running.phase('gated');
      await running.send('approve', ben);
      await command(running, 40);
      assert.deepEqual((await running.status()).gate?.approvals, ['ben']);
      await running.send('approve', { actor: 'cem', reason: 'checked' });
      return running.result();
    });
    assert.equal(result.outcome, 'promoted', result.reason);
  });

  it('continue-as-new: in the rollback window -> its end does not move', async () => {
    const world = watchingWorld({ rollbackWindow: { seconds: 40, baseline: 'warm' } }, 1);
    const { result, began } = await inRuns(world, async (running) => {
      const { phaseSince } = await running.phase('rollbackWindow');
      for (let i = 0; i < 5; i++) {
        await running.skipTime('1s');
        await command(running, 4);
      }
      return { result: await running.result(), began: Date.parse(phaseSince) };
    });
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.equal(world.config, names.singleConfig.candidate);
    const lasted = (Date.parse(result.endedAt) - began) / 1000;
    assert.ok(lasted >= 40, `${lasted} s`);
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
    const result = await inRuns(world, async (running) => {
      await running.until(({ hold }) => hold !== null);
      await running.skipTime('3s');
      await command(running, 14);
      return running.result();
    });
    assert.equal(result.outcome, 'inconclusive', result.reason);
    const lasted = (Date.parse(result.endedAt) - Date.parse(result.startedAt)) / 1000;
    assert.ok(lasted >= 40, `${lasted} s`);
  });

  it("timeline query: larger than Temporal's limit -> truncated, commands are kept", async () => {
    const timeline = await inRuns(
      watchingWorld(),
      async (running) => {
        await running.phase('baking');
        const refused = { actor: 'ben', reason: '長'.repeat(1_000) };
        for (let i = 0; i < 350; i++) await running.handle.signal('resume', refused);
        await running.send('abort', ben);
        await running.result();
        return running.timeline();
      },
      workflowBundle(),
    );
    assert.match(timeline[0]?.message ?? '', /^\d+ earlier entries omitted/);
    assert.ok(timeline.filter(({ kind }) => kind === 'command').length > 250);
  });
});
