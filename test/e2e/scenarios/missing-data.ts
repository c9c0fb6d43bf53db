import assert from 'node:assert/strict';
import type { Group } from '../scenario.js';
import { specOf } from '../specs.js';
import { E2eEnvironment } from '../e2e-environment.js';

export const missingData: Group = {
  about: 'missing metric data',
  scenarios: [
    {
      it: 'missing metric data: data returns later -> rollout holds, then continues and is promoted',
      async run(environment) {
        await environment.putLive('silent');
        const rollout = await environment.start(specOf('silent'));
        await environment.emulator.withholdMetrics('silent', rollout.names.variant.candidate);
        const held = await rollout.until(({ hold }) => hold !== null);
        assert.deepEqual([held.phase, held.outcome, held.step.n], ['baking', null, 1]);
        assert.match(held.waitingFor?.what ?? '', /error rate/);
        await environment.emulator.withholdMetrics('silent', rollout.names.variant.candidate, false);
        const { messages, shares } = await rollout.expectOutcome('promoted');
        assert.match(messages, /^holding: .*error rate/m);
        assert.match(messages, /^no longer holding: /m);
        assert.deepEqual(shares, [0, 50, 100]);
        await rollout.assertReplaced();
      },
    },
    {
      it: 'missing metric data: operator aborts during the hold -> aborted, baseline verified',
      async run(environment) {
        await environment.putLive('mute');
        const rollout = await environment.start(specOf('mute'));
        await environment.emulator.withholdMetrics('mute', rollout.names.variant.candidate);
        await rollout.until(({ hold }) => hold !== null);
        await environment.rollouts.abort('mute', { actor: 'ben', reason: 'no time to wait' });
        const { result, shares } = await rollout.expectOutcome('aborted');
        assert.equal(result.reason, 'aborted by ben: no time to wait');
        assert.deepEqual(shares, [0, 50, 0]);
        await rollout.assertOriginal();
      },
    },
    {
      it: 'CloudWatch outage: reads fail, then work again -> rollout holds, then is promoted',
      run: () =>
        E2eEnvironment.withOwnEnvironment('outage', async (environment) => {
          await environment.startWorker();
          await environment.putLive('foggy');
          const rollout = await environment.start(specOf('foggy'));
          await rollout.phase('baking');
          await environment.emulator.setMetricsOutage('error');
          const held = await rollout.until(({ hold }) => hold !== null);
          assert.equal(held.phase, 'baking');
          await environment.emulator.setMetricsOutage(null);
          const { shares } = await rollout.expectOutcome('promoted');
          assert.deepEqual(shares, [0, 50, 100]);
          await rollout.assertReplaced();
        }),
    },
    {
      it: 'CloudWatch partial data: responses are partial for a time -> rollout holds, then is promoted',
      run: () =>
        E2eEnvironment.withOwnEnvironment('partial', async (environment) => {
          await environment.startWorker();
          await environment.putLive('patchy');
          const rollout = await environment.start(specOf('patchy'));
          await rollout.phase('baking');
          await environment.emulator.setMetricsOutage('partial');
          await rollout.until(({ hold }) => hold !== null);
          await environment.emulator.setMetricsOutage(null);
          await rollout.expectOutcome('promoted');
          await rollout.assertReplaced();
        }),
    },
  ],
};
