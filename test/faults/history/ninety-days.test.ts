import assert from 'node:assert/strict';
import { FakeActivities } from '../../workflows/fake-activities.js';
import { withRollout } from '../../workflows/harness.js';

const [hours, daySeconds] = [90 * 24, 86_400];

/** One share with a bake of a hundred days. */
function activitiesWithLongBake(): FakeActivities {
  const fake = new FakeActivities({
    steps: [
      { kind: 'deploy', stage: 0, arrangement: { kind: 'sideBySide' } },
      { kind: 'setWeights', stage: 1, weights: { baseline: 90, candidate: 10 } },
      { kind: 'bake', stage: 1, seconds: 100 * daySeconds },
      { kind: 'setWeights', stage: 2, weights: { baseline: 0, candidate: 100 } },
    ],
  });
  fake.pollInterval = '12h';
  fake.reports.push(({ mode, roundEnds }, now) =>
    mode === 'final' ? {} : now < Date.parse(roundEnds) ? 'watching' : { kind: 'round' },
  );
  return fake;
}

describe('long histories', () => {
  it('rollout of 90 days: one command every hour -> every command recorded, short runs, abort works', async function () {
    // Thousands of updates are minutes of computing on a busy machine.
    this.timeout(600_000);
    const fake = activitiesWithLongBake();
    const { timeline, result, lengths } = await withRollout(fake, async (running) => {
      await running.phase('baking');
      for (let hour = 0; hour < hours; hour++) {
        const name = hour % 2 === 0 ? 'pause' : 'resume';
        const status = await running.send(name, { actor: 'ben', reason: `hour ${hour}` });
        assert.equal(status.paused, name === 'pause');
        await running.skipTime('1h');
      }
      const timeline = await running.timeline();
      await running.send('abort', { actor: 'ben', reason: 'enough' });
      const result = await running.result();
      const runs = running.temporal.runsOf(running.handle.workflowId);
      return { timeline, result, lengths: runs.map(({ history }) => history.length) };
    });
    const reasons = timeline.flatMap((entry) => (entry.kind === 'command' ? [entry.reason] : []));
    assert.deepEqual(
      reasons,
      Array.from({ length: hours }, (_, hour) => `hour ${hour}`),
    );
    assert.ok(lengths.length > 2, `${lengths.length} runs`);
    assert.ok(Math.max(...lengths) < 5_000, `runs of ${lengths.join(', ')} events`);
    assert.equal(result.outcome, 'aborted');
    assert.equal(fake.config, 'digits-original');
    const lasted = Date.parse(result.endedAt) - Date.parse(result.startedAt);
    assert.ok(lasted >= 90 * daySeconds * 1000, `${lasted} ms`);
  });
});
