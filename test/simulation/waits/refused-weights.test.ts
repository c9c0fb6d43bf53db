/**
 * A rollback whose weight change is refused updates the endpoint instead. Before, it did so only after someone else's change,
 * and repeated the weight change until its time was over.
 */
import assert from 'node:assert/strict';
import { abortUpdate, type RolloutResult } from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, minuteMs } from './ranker-rollout.js';

const ana = { actor: 'ana', reason: 'wrong model' };

describe('rollback', () => {
  for (const kind of ['accessDenied', 'throttle', 'error500'] as const)
    it(`weight change: ${kind} all the time -> the endpoint is updated, aborted within 20 min`, async () => {
      const simulation = await openWithEndpoint(endpoint, { leaveOutIdlePolls: true });
      const { temporal, emulator } = simulation;
      const handle = simulation.startRollout(
        specOf(endpoint, {
          serve: { metricsEvery: '60s' },
          strategy: { canary: { steps: ['50%'], bake: '2h' } },
          guardrails: [{ metric: 'errorRate', below: '5%', window: '5m' }],
        }),
      );
      await temporal.skip(40 * minuteMs);
      emulator.faults.add({ operation: 'UpdateEndpointWeightsAndCapacities', kind, count: 1_000_000 });
      const abortedMs = temporal.clock.nowMs;
      await handle.executeUpdate(abortUpdate, { args: [ana] });
      const result = (await handle.result()) as RolloutResult;
      const [update] = [...emulator.calls].filter(
        ({ at, operation }) => at >= abortedMs && operation === 'UpdateEndpoint',
      );
      assert.ok(update, 'the endpoint was not updated');
      assert.equal(result.outcome, 'aborted', result.reason);
      // The weight change has ten minutes, if the next call can succeed.
      const withinMs = kind === 'accessDenied' ? 5_000 : 10 * minuteMs;
      assert.ok(update.at - abortedMs <= withinMs, `${update.at - abortedMs} ms`);
      await simulation.close();
    });
});
