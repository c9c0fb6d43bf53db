import assert from 'node:assert/strict';
import fc from 'fast-check';
import { metricPeriodOf } from '../../../src/activities/metrics/periods.js';

const noon = Date.parse('2026-11-02T12:00:00Z');

describe('the period of a span', () => {
  const cases: [number, number, number][] = [
    [0, 60, 60],
    [0, 420, 420],
    [0, 86_400, 86_400],
    [0, 86_400 * 7, 86_400],
    [0, 129_600, 64_800],
    [0, 40, 20],
    [10, 50, 10],
    [10, 70, 10],
    [30, 90, 30],
    [0, 7, 1],
  ];
  for (const [from, to, expected] of cases) {
    it(`from second ${from} to ${to} is ${expected} s`, () => {
      assert.equal(metricPeriodOf(noon + from * 1000, noon + to * 1000), expected);
    });
  }

  it('always divides the span, on a grid that CloudWatch keeps', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.integer({ min: 1, max: 100_000 }), (from, seconds) => {
        const fromMs = noon + from * 1000;
        const period = metricPeriodOf(fromMs, fromMs + seconds * 1000);
        assert.equal(seconds % period, 0);
        assert.ok([1, 5, 10, 20, 30].includes(period) || period % 60 === 0);
        assert.equal(fromMs % (Math.min(period, 60) * 1000), 0);
        assert.ok(period <= 86_400);
      }),
    );
  });

  it('is none for a span of no seconds', () => {
    assert.throws(() => metricPeriodOf(noon + 1_000, noon + 1_000), RangeError);
  });
});
