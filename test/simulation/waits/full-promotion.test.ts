/** A promotion by an operator skips bakes, and no check of what users have met so far. */
import assert from 'node:assert/strict';
import {
  promoteSignal,
  statusQuery,
  timelineQuery,
  type RolloutResult,
} from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, minuteMs } from './ranker-rollout.js';

async function promoteFully(errorRate: number, { isAway = false } = {}) {
  const simulation = await openWithEndpoint(endpoint);
  const { temporal, emulator } = simulation;
  const handle = simulation.startRollout(
    specOf(endpoint, {
      serve: { metricsEvery: '60s' },
      strategy: { canary: { steps: ['20%', '50%'], bake: '1h' } },
      guardrails: [{ metric: 'errorRate', below: '5%', window: '30m', minimumRequests: 100 }],
    }),
  );
  while ((await handle.query(statusQuery)).phase !== 'baking') await temporal.skip(minuteMs);
  await emulator.setBehaviour({ model: `${endpoint}-2`, errorRate });
  await temporal.skip(10 * minuteMs);
  if (isAway) await emulator.setMetricsOutage('error');
  await handle.signal(promoteSignal, { actor: 'ana', reason: 'it looks good', full: true });
  if (isAway) {
    await temporal.skip(10 * minuteMs);
    const { variants } = await handle.query(statusQuery);
    assert.deepEqual(
      variants.map(({ actualWeight }) => actualWeight),
      [80, 20],
    );
    await emulator.setMetricsOutage(null);
  }
  const result = (await handle.result()) as RolloutResult;
  const timeline = await handle.query(timelineQuery);
  await simulation.close();
  return { result, messages: timeline.map(({ message }) => message) };
}

describe('promote --full', () => {
  it('candidate fails half of its requests in the window that has not ended -> rolled back', async () => {
    const { result } = await promoteFully(0.5);
    assert.equal(result.outcome, 'rolledBack', result.reason);
    assert.match(result.reason, /^error rate/);
  });

  it('unfinished window cannot be read -> the weights stay until it can, then promoted', async () => {
    const { result } = await promoteFully(0, { isAway: true });
    assert.equal(result.outcome, 'promoted', result.reason);
  });

  it('candidate is healthy -> promoted, and no message says that there are no guardrails', async () => {
    const { result, messages } = await promoteFully(0);
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.deepEqual(
      messages.filter((message) => message.includes('no guardrails')),
      [],
    );
  });
});
