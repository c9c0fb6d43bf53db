import assert from 'node:assert/strict';
import { timeSkipping } from '../../support/time-skipping.js';
import { withRolloutOnServer, type RolloutOnServer } from '../../support/rollout-on-server.js';
import { FakeActivities } from '../../workflows/fake-activities.js';

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

async function longestHistory({ handle }: RolloutOnServer, runs: Set<string>): Promise<number> {
  const { client } = await timeSkipping();
  const lengths = [...runs].map(async (runId) => {
    const history = await client.workflow.getHandle(handle.workflowId, runId).fetchHistory();
    return history.events?.length ?? 0;
  });
  return Math.max(...(await Promise.all(lengths)));
}

describe('long histories', () => {
  it('rollout of 90 days: one command every hour -> every command recorded, short runs, abort works', async function () {
    this.timeout(1_200_000);
    const fake = activitiesWithLongBake();
    const runs = new Set<string>();
    const { timeline, result, longest } = await withRolloutOnServer(fake, async (running) => {
      await running.phase('baking');
      for (let hour = 0; hour < hours; hour++) {
        const name = hour % 2 === 0 ? 'pause' : 'resume';
        const status = await running.send(name, { actor: 'ben', reason: `hour ${hour}` });
        assert.equal(status.paused, name === 'pause');
        await running.skipTime('1h');
        if (hour % 50 === 0) runs.add((await running.handle.describe()).runId);
      }
      const timeline = await running.timeline();
      await running.send('abort', { actor: 'ben', reason: 'enough' });
      return { timeline, result: await running.result(), longest: await longestHistory(running, runs) };
    });
    const reasons = timeline.flatMap((entry) => (entry.kind === 'command' ? [entry.reason] : []));
    assert.deepEqual(
      reasons,
      Array.from({ length: hours }, (_, hour) => `hour ${hour}`),
    );
    assert.ok(runs.size > 2, `${runs.size} runs`);
    assert.ok(longest < 5_000, `a run of ${longest} events`);
    assert.equal(result.outcome, 'aborted');
    assert.equal(fake.config, 'digits-original');
    const lasted = Date.parse(result.endedAt) - Date.parse(result.startedAt);
    assert.ok(lasted >= 90 * daySeconds * 1000, `${lasted} ms`);
  });
});
