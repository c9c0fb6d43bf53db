import assert from 'node:assert/strict';
import {
  capOf,
  hasEnoughValues,
  reportedPercentile,
  winsorise,
  type PeriodValues,
} from '../../../src/analysis/statistics/winsorised.js';

/** Values 1, 2, 4 and 40 at a cap of 10. */
const values: PeriodValues = {
  sum: 47,
  count: 4,
  minimum: 1,
  maximum: 40,
  above: 1,
  within: 7,
  squares: 1621,
  squaresCount: 4,
  squaresWithin: 21,
};

describe('winsorise', () => {
  it('winsorise: values above the cap -> count as the cap', () => {
    assert.deepEqual(winsorise(values, 10), { sum: 17, sumSquares: 121 });
  });

  it('winsorise: no value beyond the cap -> plain sums, also without trimmed statistics', () => {
    const { sum, minimum, maximum, squares } = values;
    assert.deepEqual(winsorise({ sum, minimum: minimum!, maximum: maximum!, squares: squares! }, 40), {
      sum: 47,
      sumSquares: 1621,
    });
    assert.deepEqual(winsorise({ sum: -3, minimum: -9, maximum: 2, squares: 99 }, 9), {
      sum: -3,
      sumSquares: 99,
    });
  });

  const unknown: [string, Partial<PeriodValues>][] = [
    ['a value below minus the cap', { minimum: -20, maximum: 5 }],
    ['values below zero and above the cap', { minimum: -1 }],
    ['squares of other values', { squaresCount: 1 }],
  ];
  for (const [name, changes] of unknown)
    it(`winsorise: ${name} -> null`, () => {
      assert.equal(winsorise({ ...values, ...changes }, 10), null);
    });

  for (const name of ['squares', 'minimum', 'maximum', 'above', 'within', 'squaresWithin'] as const)
    it(`winsorise: ${name} is missing -> null`, () => {
      const rest: Partial<PeriodValues> = { ...values };
      delete rest[name];
      assert.equal(winsorise({ sum: values.sum, ...rest }, 10), null);
    });
});

describe('cap', () => {
  it('reportedPercentile: requests without a report -> count as zeros', () => {
    assert.equal(reportedPercentile({ requests: 10_000, values: 500, nonZero: 500 }, 99.9), 98);
    assert.equal(reportedPercentile({ requests: 10_000, values: 10_000, nonZero: 500 }, 99.9), 99.9);
  });

  it('reportedPercentile: few requests have a value -> at most 5 % of the values are capped', () => {
    assert.equal(reportedPercentile({ requests: 1_000_000, values: 200, nonZero: 200 }, 99.9), 95);
    assert.equal(reportedPercentile({ requests: 1_000_000, values: 0, nonZero: 0 }, 99.9), null);
  });

  it('capOf: percentiles of both models -> the greater one, rounded up to two digits', () => {
    assert.equal(capOf([312.2, 290]), 320);
    assert.equal(capOf([0.0213, 0]), 0.022);
    assert.equal(capOf([5, 5]), 5);
    assert.equal(capOf([0, 0]), null);
    assert.equal(capOf([]), null);
  });
});

describe('hasEnoughValues', () => {
  /** Requests, of which some have this value. */
  const arm = (n: number, having: number, value: number) => {
    return { n, sum: having * value, sumSquares: having * value ** 2 };
  };
  const cases: [string, ReturnType<typeof arm>, boolean][] = [
    ['100 values of a third of the cap', arm(10_000, 100, 4), true],
    ['99 of them', arm(10_000, 99, 4), false],
    ['many values that are small against the cap', arm(10_000, 500, 1), false],
    ['nearly all values at the cap', arm(1000, 971, 12), false],
    ['30 requests without a value', arm(1000, 970, 12), true],
  ];
  for (const [name, candidate, enough] of cases)
    it(`hasEnoughValues: ${name} -> ${enough}`, () => {
      const baseline = arm(10_000, 1000, 6);
      assert.equal(hasEnoughValues([{ baseline, candidate }], 12), enough);
      assert.equal(hasEnoughValues([{ baseline: candidate, candidate: baseline }], 12), enough);
    });

  it('hasEnoughValues: no data -> false', () => {
    assert.equal(hasEnoughValues([], 12), false);
  });
});
