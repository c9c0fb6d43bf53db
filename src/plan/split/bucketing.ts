/**
 * Which users meet the candidate: pure, and the same in every process. The hash is GrowthBook's second version
 * (https://docs.growthbook.io/lib/build-your-own#hashing), whose inputs are spread evenly even where ids are alike.
 */
import type { Split } from './split.js';

/** Name and version of what is below, as in `Split.bucketing`. Another hash gets another name. */
export const bucketing: Split['bucketing'] = 'fnv1a32x2/10000';

/** One bucket is a hundredth of a percent of the users. */
export const bucketCount = 10_000;

const offsetBasis = 0x811c9dc5;
const prime = 0x01000193;

/** 0 to 9,999. The seed makes one rollout's luck independent of the next one's. */
export function userBucketOf(seed: string, user: string): number {
  return fnv1a32(String(fnv1a32(seed + user))) % bucketCount;
}

/**
 * The candidate has the buckets from 0 up to its share: a larger share only adds users to it, a smaller one only takes
 * some away. `share`: percent.
 */
export function isCandidateBucket(bucket: number, share: number): boolean {
  // 1.1 * 100 is 110.00000000000001 in binary fractions.
  return bucket < Math.round(share * (bucketCount / 100));
}

/** Over UTF-16 code units, as JavaScript's strings have them. */
export function fnv1a32(text: string): number {
  let hash = offsetBasis;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), prime);
  return hash >>> 0;
}
