/**
 * Assigns users to the candidate or the baseline. Pure, and the same in every process. The hash is version 2 of
 * GrowthBook (https://docs.growthbook.io/lib/build-your-own#hashing), which spreads even similar ids evenly.
 */
import type { Split } from './split.js';

/** Name and version of this hash, as in `Split.bucketing`. A different hash gets a different name. */
export const bucketing: Split['bucketing'] = 'fnv1a32x2/10000';

/** One bucket is a hundredth of a percent of the users. */
export const bucketCount = 10_000;

const offsetBasis = 0x811c9dc5;
const prime = 0x01000193;

/** 0 to 9,999. The seed makes the assignments of two rollouts independent. */
export function userBucketOf(seed: string, user: string): number {
  return fnv1a32(String(fnv1a32(seed + user))) % bucketCount;
}

/**
 * The candidate has the buckets from 0 up to its share. A larger share only adds users, a smaller share only removes
 * users. `share`: percent.
 */
export function isCandidateBucket(bucket: number, share: number): boolean {
  // 1.1 * 100 is 110.00000000000001 in binary fractions.
  return bucket < Math.round(share * (bucketCount / 100));
}

/** FNV-1a over UTF-16 code units (JavaScript strings). */
export function fnv1a32(text: string): number {
  let hash = offsetBasis;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), prime);
  return hash >>> 0;
}
