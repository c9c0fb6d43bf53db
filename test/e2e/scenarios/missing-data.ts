import assert from 'node:assert/strict';
import type { Group } from '../scenario.js';
import { specOf } from '../specs.js';
import { E2eEnvironment } from '../e2e-environment.js';

export const missingData: Group = {
  about: 'missing data',
  scenarios: [
    {
      it: 'holds the rollout, which goes on to its promotion when the data returns',
      async play(stage) {
        await stage.putLive('silent');
        const rollout = await stage.start(specOf('silent'));
        await stage.emulator.withholdMetrics('silent', rollout.names.variant.candidate);
        const held = await rollout.until(({ hold }) => hold !== null);
        assert.deepEqual([held.phase, held.outcome, held.step.n], ['baking', null, 1]);
        assert.match(held.waitingFor?.what ?? '', /error rate/);
        await stage.emulator.withholdMetrics('silent', rollout.names.variant.candidate, false);
        const { story, shares } = await rollout.expectOutcome('promoted');
        assert.match(story, /^holding: .*error rate/m);
        assert.match(story, /^no longer holding: /m);
        assert.deepEqual(shares, [0, 50, 100]);
        await rollout.assertReplaced();
      },
    },
    {
      it: 'leaves the way back open: an abort while holding is verified like any other',
      async play(stage) {
        await stage.putLive('mute');
        const rollout = await stage.start(specOf('mute'));
        await stage.emulator.withholdMetrics('mute', rollout.names.variant.candidate);
        await rollout.until(({ hold }) => hold !== null);
        await stage.rollouts.abort('mute', { actor: 'ben', reason: 'no time to wait' });
        const { result, shares } = await rollout.expectOutcome('aborted');
        assert.equal(result.reason, 'aborted by ben: no time to wait');
        assert.deepEqual(shares, [0, 50, 0]);
        await rollout.assertOriginal();
      },
    },
    {
      it: 'because CloudWatch cannot be read holds too, and rolls nothing back',
      play: () =>
        E2eEnvironment.withOwnEnvironment('outage', async (stage) => {
          await stage.startWorker();
          await stage.putLive('foggy');
          const rollout = await stage.start(specOf('foggy'));
          await rollout.phase('baking');
          await stage.emulator.setMetricsOutage('error');
          const held = await rollout.until(({ hold }) => hold !== null);
          assert.equal(held.phase, 'baking');
          await stage.emulator.setMetricsOutage(null);
          const { shares } = await rollout.expectOutcome('promoted');
          assert.deepEqual(shares, [0, 50, 100]);
          await rollout.assertReplaced();
        }),
    },
    {
      it: 'because CloudWatch answers in part holds too',
      play: () =>
        E2eEnvironment.withOwnEnvironment('partial', async (stage) => {
          await stage.startWorker();
          await stage.putLive('patchy');
          const rollout = await stage.start(specOf('patchy'));
          await rollout.phase('baking');
          await stage.emulator.setMetricsOutage('partial');
          await rollout.until(({ hold }) => hold !== null);
          await stage.emulator.setMetricsOutage(null);
          await rollout.expectOutcome('promoted');
          await rollout.assertReplaced();
        }),
    },
  ],
};
