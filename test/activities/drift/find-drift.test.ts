import assert from 'node:assert/strict';
import { findDrift } from '../../../src/activities/drift/find-drift.js';
import type { EndpointObservation, VariantObservation } from '../../../src/activities/interface/endpoint.js';
import type { ArmTraffic } from '../../../src/activities/interface/traffic.js';

const configName = 'both';
const armAt = (variant: string) => ({ endpoint: 'digits', variant, configName, shadow: false });
const traffic: ArmTraffic = {
  topology: 'variants',
  arms: { baseline: armAt('a'), candidate: armAt('b') },
};
const expectation = { traffic, weights: { baseline: 99.9, candidate: 0.1 } };

function seen(
  weights: number[],
  changes: Partial<EndpointObservation> = {},
  variantChanges: Partial<VariantObservation> = {},
): EndpointObservation {
  const variants = weights.map((weight, i) => ({
    name: i === 0 ? 'a' : 'b',
    endpoint: 'digits',
    configName: changes.configName ?? configName,
    currentWeight: Math.fround(weight),
    desiredWeight: Math.fround(weight),
    currentCount: 1,
    desiredCount: 1,
    status: null,
    ...variantChanges,
  }));
  return { at: '', status: 'InService', configName, failureReason: null, variants, ...changes };
}

describe('drift', () => {
  const scaling = { currentCount: 1, desiredCount: 3 };
  const cases: [string, EndpointObservation | null, RegExp | null][] = [
    ['is not in 32-bit weights', seen([99.9, 0.1]), null],
    ['is not in the same shares by other weights', seen([999, 1]), null],
    ['is in other weights', seen([99.8, 0.2]), /baseline has 99.8 % of the traffic, not 99.9 %/],
    ['is in no weights', seen([0, 0]), /no variant has any weight/],
    ['is in weights asked for but not there yet', seen([99.9, 0.1], {}, { desiredWeight: 1 }), /not 99.9 %/],
    ['is in another config', seen([99.9, 0.1], { configName: 'other' }), /on config other, not on both/],
    ['is in a deleted endpoint', null, /no longer exists/],
    ['is in an update by someone else', seen([99.9, 0.1], { status: 'Updating' }), /updated by someone else/],
    ['is not in autoscaling', seen([99.9, 0.1], { status: 'Updating' }, scaling), null],
    [
      'is in a weight change that hides in scaling',
      seen([50, 50], { status: 'Updating' }, scaling),
      /has 50 %/,
    ],
    ['is not in maintenance', seen([99.9, 0.1], { status: 'SystemUpdating' }), null],
    ['is in a failed endpoint', seen([99.9, 0.1], { status: 'Failed' }), /is Failed/],
    ['is in a variant that is gone', seen([99.9]), /has no variant b/],
    ['is in an unheard-of status', seen([99.9, 0.1], { status: 'Meditating' }), /is Meditating/],
  ];
  for (const [name, observation, expected] of cases) {
    it(name, () => {
      const drift = findDrift(observation, expectation);
      if (expected === null) assert.equal(drift, null);
      else assert.match(drift?.message ?? 'none', expected);
    });
  }

  it('is in a variant that nobody planned', () => {
    const observation = seen([99.9, 0.1]);
    const [first] = observation.variants;
    if (first) observation.variants.push({ ...first, name: 'c', currentWeight: 0, desiredWeight: 0 });
    assert.match(findDrift(observation, expectation)?.message ?? '', /unknown variant c/);
  });

  describe('beside a shadow', () => {
    const mirrored: ArmTraffic = {
      ...traffic,
      arms: { ...traffic.arms, candidate: { ...armAt('b'), shadow: true } },
    };
    const all = { traffic: mirrored, weights: { baseline: 100, candidate: 0 } };

    it('is not in the shadow’s weight', () => {
      const observation = seen([100]);
      const [first] = observation.variants;
      if (first) observation.variants.push({ ...first, name: 'b', currentWeight: 50, shadow: true });
      assert.equal(findDrift(observation, all), null);
    });

    it('is in a shadow that is gone', () => {
      assert.match(findDrift(seen([100]), all)?.message ?? '', /has no shadow variant b/);
    });
  });

  it('is not in a candidate that is alone', () => {
    const alone: ArmTraffic = { ...traffic, arms: { baseline: null, candidate: armAt('a') } };
    const all = { traffic: alone, weights: { baseline: 0, candidate: 100 } };
    assert.equal(findDrift(seen([1]), all), null);
    assert.match(findDrift(seen([1, 1]), all)?.message ?? '', /unknown variant b/);
  });
});
