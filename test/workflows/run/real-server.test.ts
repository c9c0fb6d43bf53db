/**
 * Rollouts on Temporal's dev server in real time. The simulation plays the server's part, so it cannot prove that part:
 * - An update that arrives while a run continues as new reaches the next run, and is answered once.
 * - A query's answer has a maximum size.
 */
import assert from 'node:assert/strict';
import { RolloutOnServer } from '../../support/rollout-on-server.js';
import { withRollouts } from '../../faults/interleavings/command-storm.js';
import type { FakeActivities } from '../fake-activities.js';
import { alternate } from './alternate.js';
import { shortRunsBundle } from './frequent-continue-as-new.js';
import { countNewRuns, watchingWorld } from './watching-world.js';

const ben = { actor: 'ben', reason: 'needs a check' };

function onDevServer<T>(
  world: FakeActivities,
  test: (running: RolloutOnServer) => Promise<T>,
  bundle?: ReturnType<typeof shortRunsBundle>,
): Promise<T> {
  return withRollouts(
    [world],
    ([member]) => {
      assert.ok(member);
      return test(new RolloutOnServer(member.handle, member.fake));
    },
    bundle,
  );
}

describe('rollout on a real server', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);

  it('continue-as-new: 40 commands -> each is answered once and in the timeline, in order', async () => {
    const world = watchingWorld();
    const timeline = await onDevServer(
      world,
      async (running) => {
        await running.phase('baking');
        await alternate(running, 40);
        return running.timeline();
      },
      shortRunsBundle(),
    );
    assert.ok(countNewRuns(timeline) > 3, `${countNewRuns(timeline)} new runs`);
    const reasons = timeline.flatMap((entry) => (entry.kind === 'command' ? [entry.reason] : []));
    assert.deepEqual(
      reasons,
      Array.from({ length: 40 }, (_, i) => `${i % 2 === 0 ? 'pause' : 'resume'} ${i}`),
    );
  });

  it("timeline query: larger than Temporal's limit -> truncated, commands are kept", async () => {
    const timeline = await onDevServer(watchingWorld(), async (running) => {
      await running.phase('baking');
      const refused = { actor: 'ben', reason: '長'.repeat(1_000) };
      for (let i = 0; i < 350; i++) await running.handle.signal('resume', refused);
      await running.send('abort', ben);
      await running.result();
      return running.timeline();
    });
    assert.match(timeline[0]?.message ?? '', /^\d+ earlier entries omitted/);
    assert.ok(timeline.filter(({ kind }) => kind === 'command').length > 250);
  });
});
