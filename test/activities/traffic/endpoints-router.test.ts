import assert from 'node:assert/strict';
import { armsOf } from '../../../src/activities/endpoint/arms.js';
import type { EndpointObservation } from '../../../src/activities/interface/endpoint.js';
import { mergeReadings } from '../../../src/activities/traffic/endpoints-router.js';
import { candidateVariant, endpointsTraffic, rolloutId } from '../endpoint/arms.js';
import type { Split } from '../../../src/plan/split/split.js';
import { splitAt } from './splits.js';

const arms = armsOf(endpointsTraffic);

function seen(endpoint: string, name: string, status: string): EndpointObservation {
  const configName = `${endpoint}-config`;
  const counts = { currentCount: 1, desiredCount: 1 };
  const variants = [
    { name, endpoint, configName, currentWeight: 1, desiredWeight: 1, ...counts, status: null },
  ];
  return { at: '2026-11-02T12:00:00Z', status, configName, failureReason: null, variants };
}

function merge(baseline: string | null, candidate: string | null, split = splitAt(5), needed = arms) {
  const readings = arms.map(({ role, arm }) => {
    const status = role === 'baseline' ? baseline : candidate;
    const name = role === 'baseline' ? 'main' : candidateVariant;
    return { role, arm, seen: status === null ? null : seen(arm.endpoint, name, status) };
  });
  return mergeReadings(readings, needed, split);
}

describe('mergeReadings', () => {
  const cases: [string | null, string | null, string][] = [
    ['InService', 'InService', 'InService'],
    ['InService', 'Updating', 'Updating'],
    ['Updating', 'Failed', 'Failed'],
    ['InService', null, 'Missing'],
    ['Failed', null, 'Missing'],
    ['InService', 'Meditating', 'Meditating'],
  ];
  for (const [baseline, candidate, status] of cases) {
    it(`mergeReadings: ${baseline} and ${candidate ?? 'missing'} -> ${status}`, () => {
      assert.equal(merge(baseline, candidate)?.status, status);
    });
  }

  it('mergeReadings: one endpoint unhealthy -> its failure reason', () => {
    assert.equal(merge('InService', null)?.failureReason, `endpoint ${rolloutId} does not exist`);
    assert.equal(merge('Updating', 'InService')?.failureReason, 'endpoint digits: no reason given');
  });

  it('mergeReadings: needed endpoint missing -> null', () => {
    assert.equal(merge(null, null), null);
    assert.equal(merge(null, 'InService', splitAt(0), arms.slice(0, 1)), null);
  });

  it('mergeReadings: split -> shares as weights', () => {
    const sharesAt = (split: Split) =>
      merge('InService', 'InService', split)?.variants.map(({ currentWeight }) => currentWeight);
    assert.deepEqual(sharesAt(splitAt(5)), [95, 5]);
    const { baseline, candidate } = splitAt(5).targets;
    assert.deepEqual(sharesAt(splitAt(0, { targets: { baseline, candidate: null } })), [100, 0]);
    assert.deepEqual(sharesAt(splitAt(100, { targets: { baseline: null, candidate } })), [0, 100]);
    const elsewhere = { endpoint: 'other', variant: null };
    assert.deepEqual(sharesAt(splitAt(5, { targets: { baseline, candidate: elsewhere } })), [95, 0]);
  });
});
