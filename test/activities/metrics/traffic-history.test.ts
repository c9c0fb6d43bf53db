import assert from 'node:assert/strict';
import type { SeriesReader, SeriesQuery } from '../../../src/activities/metrics/metric-reader.js';
import { readTrafficHistory } from '../../../src/activities/metrics/traffic-history.js';
import { planWith } from '../../plan/specs.js';

const guardrails = [{ metric: 'errorRate', notWorseThanBaselineBy: '10%' }];
const strategy = [{ canary: { steps: ['10%'], bake: '1h' } }, { abTest: { split: '50%', for: '7d' } }];
const nowMs = Date.UTC(2026, 2, 20, 12, 30);
const firstMs = Date.UTC(2026, 2, 20, 2);

/** A store with these sums for each variant, ten hours before now, by the metric's name. */
function storeOf(sums: Record<string, number>): SeriesReader & { queries: SeriesQuery[] } {
  const queries: SeriesQuery[] = [];
  return {
    queries,
    readSeries: (query) => {
      queries.push(query);
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

  it('readTrafficHistory: two variants -> rate since the first data, and the error rate of both', async () => {
    const { requestsPerHour, baseRates } = await readTrafficHistory(storeOf(sums), plan, ['a', 'b'], nowMs);
    assert.equal(requestsPerHour, 2_000);
    assert.deepEqual([...baseRates], [['errorRate-comparison', 2]]);
  });

  for (const topology of ['variants', 'endpoints'])
    it(`readTrafficHistory: bounds, topology ${topology} -> rates of the live endpoint, none of a percentile`, async () => {
      const bounds = planWith({
        serve: { topology },
        guardrails: [
          { metric: 'errorRate', below: '5%' },
          { metric: 'latency', stat: 'p99', below: '1s' },
        ],
      });
      const store = storeOf(sums);
      const { baseRates } = await readTrafficHistory(store, bounds, ['a', 'b'], nowMs);
      assert.deepEqual([...baseRates], [['errorRate', 2]]);
      assert.ok(store.queries.every(({ series }) => series.dimensions['EndpointName'] === bounds.endpoint));
    });

  it('readTrafficHistory: goals -> relative standard deviation, no metrics that only a rollout has', async () => {
    const store = storeOf(sums);
    const { relativeStds } = await readTrafficHistory(store, plan, ['a', 'b'], nowMs);
    assert.deepEqual([...relativeStds], [['goal:revenue', Math.sqrt(260 - 100) / 10]]);
    assert.equal(store.queries.filter(({ series }) => series.name === 'Revenue').length, 1);
    assert.ok(store.queries.every(({ series }) => series.name !== 'Conversions'));
  });

  it('readTrafficHistory: no requests or read error -> throws', async () => {
    await assert.rejects(
      readTrafficHistory(storeOf({}), plan, ['a'], nowMs),
      /no requests to endpoint digits/,
    );
    const failing: SeriesReader = { readSeries: () => Promise.resolve({ kind: 'failed', reason: 'denied' }) };
    await assert.rejects(readTrafficHistory(failing, plan, ['a'], nowMs), /cannot read CloudWatch: denied/);
  });
});
