import assert from 'node:assert/strict';
import { minSamplesOf, parsePercentile } from '../../../src/plan/units/percentiles.js';

describe('percentiles', () => {
  const samples: [number, number][] = [
    [50, 20],
    [90, 100],
    [95, 200],
    [99, 1_000],
    [99.9, 10_000],
    [99.99, 100_000],
  ];
  for (const [percentile, fewest] of samples)
    it(`minSamplesOf: p${percentile} -> ${fewest}`, () => assert.equal(minSamplesOf(percentile), fewest));

  it('parsePercentile: other statistics -> null', () => {
    assert.equal(parsePercentile('p99.9'), 99.9);
    for (const stat of ['Sum', 'p0', 'p100', 'p', '99', 'p99.999']) assert.equal(parsePercentile(stat), null);
  });
});
