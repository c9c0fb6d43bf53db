import assert from 'node:assert/strict';
import type { SeriesReader, SeriesQuery } from '../../../src/activities/metrics/metric-reader.js';
import { readTrafficHistory } from '../../../src/activities/metrics/traffic-history.js';
import { planWith } from '../../plan/specs.js';

const guardrails = [{ metric: 'errorRate', notWorseThanBaselineBy: '10%' }];
const strategy = [{ canary: { steps: ['10%'], bake: '1h' } }, { abTest: { split: '50%', for: '7d' } }];
const nowMs = Date.UTC(2026, 2, 20, 12, 30);
const firstMs = Date.UTC(2026, 2, 20, 2);

/** Ten hours of these sums a variant, by the metric's name. */
function storeOf(sums: Record<string, number>): SeriesReader & { asked: SeriesQuery[] } {
  const asked: SeriesQuery[] = [];
  return {
    asked,
    readSeries: (query) => {
      asked.push(query);
      const sum = sums[query.series.name];
      const points = sum === undefined ? [] : [{ atMs: firstMs, value: sum }];
      return Promise.resolve({ kind: 'complete', points });
    },
  };
}

describe('readTrafficHistory', () => {
  const plan = planWith({
    strategy,
    guardrails,
    goals: [
      {
        metric: 'revenue',
        higherIsBetter: true,
        source: {
          namespace: 'Shop',
          name: 'Revenue',
          per: 'Orders',
          squares: 'Squares',
          dimensions: { Endpoint: '{endpoint}' },
        },
      },
      { metric: 'conversion', higherIsBetter: true },
    ],
  });
  const sums = {
    Invocations: 10_000,
    Invocation5XXErrors: 200,
    Orders: 100,
    Revenue: 1_000,
    Squares: 26_000,
    Conversions: 5,
    Exposures: 9,
  };

  it('has the rate since the first data, and how often errors have happened, of all variants', async () => {
    const { requestsPerHour, baseRates } = await readTrafficHistory(storeOf(sums), plan, ['a', 'b'], nowMs);
    assert.equal(requestsPerHour, 2_000);
    assert.deepEqual([...baseRates], [['errorRate-comparison', 2]]);
  });

  it('has how much values spread, and nothing of what only a rollout has', async () => {
    const store = storeOf(sums);
    const { relativeStds } = await readTrafficHistory(store, plan, ['a', 'b'], nowMs);
    assert.deepEqual([...relativeStds], [['goal:revenue', Math.sqrt(260 - 100) / 10]]);
    assert.equal(store.asked.filter(({ series }) => series.name === 'Revenue').length, 1);
    assert.ok(store.asked.every(({ series }) => series.name !== 'Conversions'));
  });

  it('refuses an endpoint without requests, and data that cannot be had', async () => {
    await assert.rejects(
      readTrafficHistory(storeOf({}), plan, ['a'], nowMs),
      /no requests to endpoint digits/,
    );
    const failing: SeriesReader = { readSeries: () => Promise.resolve({ kind: 'failed', reason: 'denied' }) };
    await assert.rejects(readTrafficHistory(failing, plan, ['a'], nowMs), /cannot read CloudWatch: denied/);
  });
});
