import assert from 'node:assert/strict';
import fc from 'fast-check';
import { metricPeriodOf } from '../../../src/activities/metrics/periods.js';

const noon = Date.parse('2026-11-02T12:00:00Z');

describe('metric period', () => {
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
    it(`metric period: span from second ${from} to ${to} -> ${expected} s`, () => {
      assert.equal(metricPeriodOf(noon + from * 1000, noon + to * 1000), expected);
    });
  }

  it('metric period: random spans -> divides the span on a grid that CloudWatch supports', () => {
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

  it('metric period: empty span -> RangeError', () => {
    assert.throws(() => metricPeriodOf(noon + 1_000, noon + 1_000), RangeError);
  });
});
