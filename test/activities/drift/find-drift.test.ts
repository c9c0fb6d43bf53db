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

describe('findDrift', () => {
  const scaling = { currentCount: 1, desiredCount: 3 };
  const cases: [string, EndpointObservation | null, RegExp | null][] = [
    ['weights rounded to 32 bits -> no drift', seen([99.9, 0.1]), null],
    ['other weights with the same shares -> no drift', seen([999, 1]), null],
    ['other shares -> drift', seen([99.8, 0.2]), /baseline has 99.8 % of the traffic, not 99.9 %/],
    ['all weights 0 -> drift', seen([0, 0]), /no variant has any weight/],
    ['other desired weights -> drift', seen([99.9, 0.1], {}, { desiredWeight: 1 }), /not 99.9 %/],
    ['another config -> drift', seen([99.9, 0.1], { configName: 'other' }), /on config other, not on both/],
    ['endpoint deleted -> drift', null, /no longer exists/],
    [
      'external update in progress -> drift',
      seen([99.9, 0.1], { status: 'Updating' }),
      /updated by someone else/,
    ],
    ['autoscaling in progress -> no drift', seen([99.9, 0.1], { status: 'Updating' }, scaling), null],
    [
      'weight change during autoscaling -> drift',
      seen([50, 50], { status: 'Updating' }, scaling),
      /has 50 %/,
    ],
    ['SystemUpdating -> no drift', seen([99.9, 0.1], { status: 'SystemUpdating' }), null],
    ['endpoint Failed -> drift', seen([99.9, 0.1], { status: 'Failed' }), /is Failed/],
    ['variant missing -> drift', seen([99.9]), /has no variant b/],
    ['unknown status -> drift', seen([99.9, 0.1], { status: 'Meditating' }), /is Meditating/],
  ];
  for (const [name, observation, expected] of cases) {
    it(`findDrift: ${name}`, () => {
      const drift = findDrift(observation, expectation);
      if (expected === null) assert.equal(drift, null);
      else assert.match(drift?.message ?? 'none', expected);
    });
  }

  it('findDrift: unknown variant -> drift', () => {
    const observation = seen([99.9, 0.1]);
    const [first] = observation.variants;
    if (first) observation.variants.push({ ...first, name: 'c', currentWeight: 0, desiredWeight: 0 });
    assert.match(findDrift(observation, expectation)?.message ?? '', /unknown variant c/);
  });

  describe('shadow', () => {
    const mirrored: ArmTraffic = {
      ...traffic,
      arms: { ...traffic.arms, candidate: { ...armAt('b'), shadow: true } },
    };
    const all = { traffic: mirrored, weights: { baseline: 100, candidate: 0 } };

    it('findDrift: other weight of the shadow -> no drift', () => {
      const observation = seen([100]);
      const [first] = observation.variants;
      if (first) observation.variants.push({ ...first, name: 'b', currentWeight: 50, shadow: true });
      assert.equal(findDrift(observation, all), null);
    });

    it('findDrift: shadow missing -> drift', () => {
      assert.match(findDrift(seen([100]), all)?.message ?? '', /has no shadow variant b/);
    });
  });

  it('findDrift: candidate alone -> no drift, unknown variant is drift', () => {
    const alone: ArmTraffic = { ...traffic, arms: { baseline: null, candidate: armAt('a') } };
    const all = { traffic: alone, weights: { baseline: 0, candidate: 100 } };
    assert.equal(findDrift(seen([1]), all), null);
    assert.match(findDrift(seen([1, 1]), all)?.message ?? '', /unknown variant b/);
  });
});
