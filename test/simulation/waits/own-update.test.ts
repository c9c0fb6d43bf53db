/** The rollout's own update is not someone else's, also after a read of it failed. */
import assert from 'node:assert/strict';
import { timelineQuery, type RolloutResult } from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint } from './ranker-rollout.js';

describe("the rollout's last update", () => {
  for (const drift of ['hold', 'revert', 'adopt'])
    it(`drift ${drift}: the first read after the update is denied -> promoted, and no drift is seen`, async () => {
      const simulation = await openWithEndpoint(endpoint, { leaveOutIdlePolls: true });
      const { emulator, network } = simulation;
      let deploys = 0;
      network.after = ({ operation }) => {
        if (operation !== 'UpdateEndpoint' || ++deploys !== 2) return;
        emulator.faults.add({ operation: 'DescribeEndpoint', kind: 'accessDenied' });
      };
      const handle = simulation.startRollout(
        specOf(endpoint, {
          serve: { metricsEvery: '60s' },
          strategy: { canary: { steps: ['20%'], bake: '10m' } },
          guardrails: [{ metric: 'errorRate', below: '5%', window: '5m' }],
          drift,
        }),
      );
      const result = (await handle.result()) as RolloutResult;
      const timeline = await handle.query(timelineQuery);
      const seen = timeline
        .map(({ at, message }) => `${at} ${message}`)
        .filter((message) => /someone else|is on config/.test(message));
      const updates = emulator.calls.count('UpdateEndpoint', 'ok');
      await simulation.close();
      assert.equal(result.outcome, 'promoted', result.reason);
      assert.deepEqual(seen, []);
      assert.equal(updates, 2);
    });
});
