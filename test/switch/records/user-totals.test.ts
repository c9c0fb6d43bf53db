import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ArmMetrics } from '../../../src/switch/records/arm-metrics.js';
import { totalsBucketOf, UserTotals } from '../../../src/switch/records/user-totals.js';

const arm = { endpoint: 'shop', rolloutId: 'shop-0a1b2c3d', role: 'candidate' as const };
const half = { sequence: 1, candidateShare: 50 };

describe('UserTotals', () => {
  it('UserTotals: any counts in any order -> the changes add up to the sums over buckets', () => {
    const counts = fc.array(
      fc.record({ bucket: fc.nat(5), Exposures: fc.nat(3), Conversions: fc.nat(2), Value: fc.integer() }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(counts, (all) => {
        const totals = new UserTotals();
        const sums = new Map<string, number>();
        for (const { bucket, ...added } of all)
          for (const [name, change] of totals.add(bucket, added))
            sums.set(name, (sums.get(name) ?? 0) + change);
        const buckets = Array.from({ length: 6 }, (_, bucket) => all.filter((one) => one.bucket === bucket));
        const of = (name: 'Exposures' | 'Conversions' | 'Value') =>
          buckets.map((ones) => ones.reduce((sum, one) => sum + one[name], 0));
        const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
        assert.equal(sums.get('ExposuresSquaredByUser') ?? 0, dot(of('Exposures'), of('Exposures')));
        assert.equal(
          sums.get('ExposuresTimesConversionsByUser') ?? 0,
          dot(of('Exposures'), of('Conversions')),
        );
        const requests = of('Exposures').reduce((sum, value) => sum + value, 0);
        assert.equal(sums.get('ExposuresSquaredByProcess') ?? 0, requests ** 2);
      }),
    );
  });

  it('UserTotals: many users -> all buckets of 0 to 9,999 alike', () => {
    const counts = new Array<number>(100).fill(0);
    for (let i = 0; i < 100_000; i++) counts[Math.floor(totalsBucketOf(`user-${i}`) / 100)]! += 1;
    assert.ok(Math.min(...counts) > 800 && Math.max(...counts) < 1200, `${Math.min(...counts)}`);
  });
});

describe('ArmMetrics by user', () => {
  const expose = (metrics: ArmMetrics, user: string, split = half) =>
    metrics.exposed(
      arm,
      { split, hasFailed: false, latencyMs: 1 },
      { key: user, bucket: totalsBucketOf(user) },
    );
  const sums = (metrics: ArmMetrics) =>
    Object.fromEntries(
      metrics.take(new Date(0)).map(({ MetricName, Value }) => [MetricName, Value] as const),
    ) as Partial<Record<string, number>>;

  it('ArmMetrics by user: a user returns in a later period of publishing -> adds to the own total', () => {
    const metrics = new ArmMetrics();
    expose(metrics, 'ada');
    assert.equal(sums(metrics)['ExposuresSquaredByUser'], 1);
    expose(metrics, 'ada');
    const { ExposuresSquaredByUser, Users } = sums(metrics);
    assert.deepEqual([ExposuresSquaredByUser, Users], [3, undefined]);
  });

  it('ArmMetrics by user: the share changes -> users and totals begin again', () => {
    const metrics = new ArmMetrics();
    const early = expose(metrics, 'ada');
    sums(metrics);
    expose(metrics, 'ada', { sequence: 2, candidateShare: 60 });
    metrics.addOutcome(arm, { conversion: true, value: 3 }, early);
    const { ExposuresSquaredByUser, Users, Outcomes, Conversions } = sums(metrics);
    assert.deepEqual([ExposuresSquaredByUser, Users, Outcomes, Conversions], [1, 1, 1, undefined]);
  });

  it('ArmMetrics by user: the split changes and the share does not -> totals continue', () => {
    const metrics = new ArmMetrics();
    expose(metrics, 'ada');
    expose(metrics, 'ada', { ...half, sequence: 2 });
    assert.equal(sums(metrics)['ExposuresSquaredByUser'], 4);
  });

  it('ArmMetrics by user: a response at an earlier share arrives late -> an exposure, not of the users now', () => {
    const metrics = new ArmMetrics();
    expose(metrics, 'ada');
    expose(metrics, 'ada', { sequence: 2, candidateShare: 60 });
    expose(metrics, 'ada');
    const { Exposures, ExposuresSquaredByUser } = sums(metrics);
    assert.deepEqual([Exposures, ExposuresSquaredByUser], [3, 2]);
  });
});
