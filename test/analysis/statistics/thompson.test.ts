import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  nextShare,
  probabilityHigherMean,
  probabilityHigherRate,
  type ShareRule,
} from '../../../src/analysis/statistics/thompson.js';
import { assertClose } from './closeness.js';

const rule: ShareRule = { leaderShare: 0.9, floor: 0.1, cap: 0.9, maximumStep: 0.2 };
const conversions = fc
  .record({ n: fc.nat(100_000), part: fc.double({ min: 0, max: 1, noNaN: true }) })
  .map(({ n, part }) => ({ n, events: Math.floor(n * part) }));

describe('Thompson sampling', () => {
  it('probabilityHigherRate: small counts -> the closed forms', () => {
    assertClose(probabilityHigherRate({ n: 0, events: 0 }, { n: 0, events: 0 }), 0.5);
    // B ~ Beta(1, 1), A ~ Beta(1 + e, 1 + n - e): P(B > A) = 1 - E[A].
    assertClose(probabilityHigherRate({ n: 10, events: 4 }, { n: 0, events: 0 }), 1 - 5 / 12);
    // Beta(2, 1) against Beta(1, 2): 5/6.
    assertClose(probabilityHigherRate({ n: 1, events: 0 }, { n: 1, events: 1 }), 5 / 6);
  });

  it('probabilityHigherRate: both directions -> sum of 1', () => {
    fc.assert(
      fc.property(conversions, conversions, (a, b) => {
        assertClose(probabilityHigherRate(a, b) + probabilityHigherRate(b, a), 1);
      }),
    );
  });

  it('probabilityHigherRate: much data -> the normal approximation', () => {
    const [a, b] = [
      { n: 100_000, events: 10_000 },
      { n: 100_000, events: 10_150 },
    ];
    const variance = (0.1 * 0.9) / 100_000 + (0.1015 * 0.8985) / 100_000;
    const normal = probabilityHigherMean({ estimate: 0.0015, standardError: Math.sqrt(variance) });
    assertClose(probabilityHigherRate(a, b), normal, 1e-4);
  });

  it('nextShare: any probability -> within floor, cap and maximum step', () => {
    const probability = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 0.9, noNaN: true }), probability, (present, best) => {
        const next = nextShare(present, best, rule);
        assert.ok(next >= rule.floor && next <= rule.cap);
        assert.ok(Math.abs(next - present) <= rule.maximumStep + 1e-12);
      }),
    );
  });

  it('nextShare: one arm better -> moves towards it in steps', () => {
    assertClose(nextShare(0.5, 0.99, rule), 0.7);
    assertClose(nextShare(0.7, 0.99, rule), 0.892);
    assertClose(nextShare(0.5, 0.01, rule), 0.3);
    assertClose(nextShare(0.5, 0.5, rule), 0.5);
  });

  it('nextShare: leaderShare 0.5 -> even split', () => {
    assertClose(nextShare(0.5, 1, { ...rule, leaderShare: 0.5 }), 0.5);
  });

  it('probabilityHigherRate: more events than trials -> RangeError', () => {
    assert.throws(() => probabilityHigherRate({ n: 1, events: 2 }, { n: 1, events: 1 }), RangeError);
  });
});
