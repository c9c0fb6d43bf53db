import assert from 'node:assert/strict';
import fc from 'fast-check';
import { differ } from '../../../src/analysis/statistics/arm-difference.js';
import {
  oneSidedBounds,
  sequenceEvidence,
  twoSidedInterval,
} from '../../../src/analysis/statistics/mean-sequence.js';
import { assertClose, assertPrinted } from './closeness.js';

/** Examples from GrowthBook's tests. */
const size = 3000 + 3461;

describe('confidence sequences', () => {
  it("twoSidedInterval: relative difference of means -> GrowthBook's interval", () => {
    const arms = {
      baseline: { n: 3000, sum: 1396.87, sumSquares: 52377.9767 },
      candidate: { n: 3461, sum: 2422.7, sumSquares: 134698.29 },
    };
    const found = differ([arms], { kind: 'mean', scale: 'relative' });
    assert.ok(found !== null);
    assertPrinted(found.estimate, '.50336');
    assertPrinted(found.standardError, '.33341');
    const { lower, upper } = twoSidedInterval({ ...found, size }, { alpha: 0.05, plannedSize: 1000 });
    assertPrinted(lower, '-.55844');
    assertPrinted(upper, '1.56516');
  });

  it("twoSidedInterval: relative difference of proportions -> GrowthBook's interval", () => {
    const arms = {
      baseline: { n: 3000, sum: 1396, sumSquares: 1396 },
      candidate: { n: 3461, sum: 2422, sumSquares: 2422 },
    };
    const found = differ([arms], { kind: 'proportion', scale: 'relative' });
    assert.ok(found !== null);
    assertPrinted(found.estimate, '.50386');
    assertPrinted(found.standardError, '.03386');
    const { lower, upper } = twoSidedInterval({ ...found, size }, { alpha: 0.05, plannedSize: 5000 });
    assertPrinted(lower, '.40098');
    assertPrinted(upper, '.60675');
  });

  it('twoSidedInterval: planned size, alpha 0.05 -> z of 3.035', () => {
    const { upper } = twoSidedInterval(
      { estimate: 0, standardError: 1, size: 5000 },
      { alpha: 0.05, plannedSize: 5000 },
    );
    assertPrinted(upper, '3.035');
  });

  const estimates = fc.record({
    estimate: fc.double({ min: -10, max: 10, noNaN: true }),
    standardError: fc.double({ min: 1e-3, max: 10, noNaN: true }),
    size: fc.double({ min: 1, max: 1e7, noNaN: true }),
  });
  const settings = fc.record({
    alpha: fc.double({ min: 1e-4, max: 0.2, noNaN: true }),
    plannedSize: fc.double({ min: 100, max: 1e6, noNaN: true }),
  });

  it('sequenceEvidence: null at a bound of the interval -> evidence of 1/alpha', () => {
    fc.assert(
      fc.property(estimates, settings, (estimate, chosen) => {
        const { lower, upper } = twoSidedInterval(estimate, chosen);
        for (const bound of [lower, upper])
          assertClose(sequenceEvidence(estimate, chosen, bound).logE, Math.log(1 / chosen.alpha), 1e-6);
      }),
    );
  });

  it('oneSidedBounds: same data -> closer than the two-sided bounds', () => {
    fc.assert(
      fc.property(
        settings,
        fc.double({ min: 0.5, max: 100, noNaN: true }),
        ({ alpha, plannedSize }, part) => {
          const estimate = { estimate: 1, standardError: 1, size: part * plannedSize };
          const both = twoSidedInterval(estimate, { alpha, plannedSize });
          const one = oneSidedBounds(estimate, { alpha, plannedSize });
          assert.ok(one.lower > both.lower && one.upper < both.upper);
        },
      ),
    );
  });

  it('twoSidedInterval: values scaled -> interval scales', () => {
    fc.assert(
      fc.property(
        estimates,
        settings,
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        (estimate, chosen, unit) => {
          const scaled = {
            ...estimate,
            estimate: unit * estimate.estimate,
            standardError: unit * estimate.standardError,
          };
          assertClose(
            twoSidedInterval(scaled, chosen).lower / unit,
            twoSidedInterval(estimate, chosen).lower,
          );
          assertClose(sequenceEvidence(scaled, chosen).logE, sequenceEvidence(estimate, chosen).logE);
        },
      ),
    );
  });

  it('sequenceEvidence: no effect -> p of at most 1', () => {
    const { p, logE } = sequenceEvidence(
      { estimate: 0, standardError: 1, size: 100 },
      { alpha: 0.05, plannedSize: 5000 },
    );
    assert.equal(p, 1);
    assert.ok(logE < 0);
  });

  it('twoSidedInterval: settings out of range -> RangeError', () => {
    const estimate = { estimate: 0, standardError: 1, size: 1 };
    for (const chosen of [
      { alpha: 0, plannedSize: 1 },
      { alpha: 1, plannedSize: 1 },
      { alpha: 0.05, plannedSize: 0 },
    ])
      assert.throws(() => twoSidedInterval(estimate, chosen), RangeError);
  });
});
