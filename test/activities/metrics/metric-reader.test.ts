import assert from 'node:assert/strict';
import { readSeries, type MetricReader } from '../../../src/activities/metrics/metric-reader.js';
import type { MetricSeries } from '../../../src/plan/compiled/guardrail.js';

/** CloudWatch's maximum period. The reader needs three periods for a span of three days. */
const dayMs = 86_400_000;

function series(name: string, stat: string): MetricSeries {
  return { namespace: 'Shop', name, stat, dimensions: {} };
}

/** Values by the metric's name, one for each day. */
function readerOf(days: Record<string, number[]>): MetricReader {
  return {
    readSeries: ({ series, fromMs, periodSeconds }) => {
      assert.equal(periodSeconds * 1000, dayMs);
      const values = days[series.name] ?? [];
      return Promise.resolve({
        kind: 'complete',
        points: values.map((value, day) => ({ atMs: fromMs + day * dayMs, value })),
      });
    },
    readExpression: () => Promise.resolve({ kind: 'failed', reason: 'not supported' }),
  };
}

function over3Days(
  days: Record<string, number[]>,
  direction: 'below' | 'above',
  numerator: MetricSeries,
  denominator: MetricSeries | null = null,
) {
  const metric = { unit: 'none' as const, scale: 1, numerator, denominator };
  return readSeries(readerOf(days), { metric, direction }, 0, 3 * dayMs);
}

describe('metric over several periods', () => {
  const accuracy = { Accuracy: [0.95, 0.5, 0.6] };

  for (const stat of ['Average', 'p50'])
    it(`metric over several periods: ${stat} -> value of the worst period for the bound`, async () => {
      const above = await over3Days(accuracy, 'above', series('Accuracy', stat));
      assert.deepEqual(above, { kind: 'value', value: 0.5 });
      const below = await over3Days(accuracy, 'below', series('Accuracy', stat));
      assert.deepEqual(below, { kind: 'value', value: 0.95 });
    });

  it('metric over several periods: quotient -> worst numerator and denominator', async () => {
    const days = { Cost: [4, 6, 5], Orders: [2, 1, 4] };
    const quotient = [series('Cost', 'Average'), series('Orders', 'Average')] as const;
    assert.deepEqual(await over3Days(days, 'below', ...quotient), { kind: 'value', value: 6 });
    assert.deepEqual(await over3Days(days, 'above', ...quotient), { kind: 'value', value: 1 });
  });

  it('metric over several periods: sums, counts, extremes -> exact value for both bounds', async () => {
    const exact: [string, number][] = [
      ['Sum', 12],
      ['SampleCount', 12],
      ['TC(300000:)', 12],
      ['Minimum', 2],
      ['Maximum', 6],
    ];
    for (const direction of ['below', 'above'] as const)
      for (const [stat, value] of exact) {
        const measured = await over3Days({ Orders: [4, 2, 6] }, direction, series('Orders', stat));
        assert.deepEqual(measured, { kind: 'value', value }, `${stat} ${direction}`);
      }
  });
});
