import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bucketCount, userBucketOf, fnv1a32, isCandidateBucket } from '../../../src/plan/split/bucketing.js';

/** From GrowthBook's published test cases for version 2 of its hash. */
const published = [
  ['seed', 'a', 0.0505],
  ['seed', 'b', 0.2696],
  ['foo', 'ab', 0.2575],
  ['foo', 'def', 0.2019],
] as const;

const users = 1_000_000;

describe('userBucketOf', () => {
  for (const [seed, user, expected] of published)
    it(`userBucketOf: user ${user}, seed ${seed} -> the bucket of GrowthBook`, () => {
      assert.equal(userBucketOf(seed, user) / bucketCount, expected);
    });

  it('fnv1a32: emoji -> hashed as two UTF-16 code units', () => {
    assert.equal(fnv1a32('\u{1f600}'), fnv1a32(String.fromCharCode(0xd83d, 0xde00)));
    assert.equal(fnv1a32(''), 0x811c9dc5);
  });

  it('userBucketOf: similar ids -> even spread, independent for each seed', () => {
    const buckets = (seed: string) =>
      Array.from({ length: 10_000 }, (_, id) => userBucketOf(seed, `user-${id}`));
    for (const seed of ['a', 'b']) {
      const counts = Array<number>(10).fill(0);
      for (const bucket of buckets(seed)) counts[Math.floor(bucket / 1000)]! += 1;
      for (const count of counts) assert.ok(count > 850 && count < 1150, `${counts.join()}`);
    }
    const [a, b] = [buckets('a'), buckets('b')];
    const both = a.filter((bucket, id) => bucket < 1000 && b[id]! < 1000).length;
    assert.ok(both > 50 && both < 160, `${both} of 10,000 are in both tenths`);
  });
});

describe('isCandidateBucket', () => {
  it('isCandidateBucket: every tenth of a percent -> exactly the buckets up to the share', () => {
    assert.equal(isCandidateBucket(0, 0), false);
    for (let tenths = 1; tenths <= 1000; tenths++) {
      const share = tenths / 10;
      assert.equal(isCandidateBucket(tenths * 10 - 1, share), true, `${share} %`);
      assert.equal(isCandidateBucket(tenths * 10, share), false, `${share} %`);
    }
  });

  it('isCandidateBucket: share rises or falls -> users move only to or only from the candidate', () => {
    const bucketsOf = (seed: string) =>
      Uint16Array.from({ length: users }, (_, id) => userBucketOf(seed, `user-${id}`));
    const share = fc.integer({ min: 0, max: 1000 }).map((tenths) => tenths / 10);
    const ramp = fc.array(share, { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(fc.string(), ramp, (seed, shares) => {
        const buckets = bucketsOf(seed);
        for (const [i, to] of shares.slice(1).entries()) assertMonotone(buckets, shares[i]!, to);
      }),
      { numRuns: 5 },
    );
  });
});

function assertMonotone(buckets: Uint16Array, from: number, to: number): void {
  let gained = 0;
  let lost = 0;
  for (const bucket of buckets) {
    const before = isCandidateBucket(bucket, from);
    const after = isCandidateBucket(bucket, to);
    if (after && !before) gained++;
    if (before && !after) lost++;
  }
  assert.equal(to >= from ? lost : gained, 0, `${from} % to ${to} %`);
  const moved = (gained + lost) / buckets.length;
  assert.ok(Math.abs(moved - Math.abs(to - from) / 100) < 0.01, `${moved} moved from ${from} % to ${to} %`);
}
