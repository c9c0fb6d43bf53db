/** Random data for property tests. */
import fc from 'fast-check';
import type { CountWindow } from '../../../src/analysis/statistics/count-test.js';
import type { ArmTotals } from '../../../src/analysis/statistics/arm-difference.js';

/** Up to 500 events per window, at any share between 1 % and 99 %. */
export const countWindow: fc.Arbitrary<CountWindow> = fc
  .record({
    events: fc.nat(500),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
    candidateShare: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
  })
  .map(({ events, part, candidateShare }) => {
    return { events, candidateEvents: Math.round(events * part), candidateShare };
  });

/** Typical counts if the candidate's rate is `ratio` times the baseline's. */
export const likelyWindow: fc.Arbitrary<CountWindow> = fc
  .record({
    events: fc.nat(500),
    ratio: fc.double({ min: 0.5, max: 2, noNaN: true }),
    candidateShare: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
  })
  .map(({ events, ratio, candidateShare: r }) => {
    const chance = (r * ratio) / (1 - r + r * ratio);
    return { events, candidateEvents: Math.round(events * chance), candidateShare: r };
  });

export const armTotals: fc.Arbitrary<ArmTotals> = fc
  .array(fc.integer({ min: -1000, max: 1000 }), { minLength: 3, maxLength: 30 })
  .filter((values) => new Set(values).size > 1)
  .map((values) => ({
    n: values.length,
    sum: values.reduce((sum, value) => sum + value, 0),
    sumSquares: values.reduce((sum, value) => sum + value * value, 0),
  }));
