/** Ratio of neighbouring buckets, so that a value is known to 1 %. */
const growth = Math.log(1.02);
/** Index of the bucket of 1. Values up to 1e-34 share the first bucket. */
const bucketOfOne = 4000;
const maximumExact = 8;

/** Bucket of a value above 0. */
export function histogramBucketOf(value: number): number {
  return Math.max(1, bucketOfOne + Math.round(Math.log(value) / growth));
}

/** Assumes evenly spread values in a bucket. This factor times the middle is the value of a rank. */
function growthWithin(rank: number, times: number): number {
  const place = times > 1 ? (Math.min(Math.ceil(rank), times) - 0.5) / times : 0.5;
  return Math.exp((place - 0.5) * growth);
}

/** A value, or the value of a bucket, and its count. */
export type ValueCount = [value: number, times: number];

/**
 * Counts of values from 0 on: exact for few different values, then in logarithmic buckets. Memory depends on the
 * number of different values, not on the number of values.
 */
export class ValueHistogram {
  private exact: ValueCount[] | null = [];
  private zeros = 0;
  private first = 0;
  /** Counts of the buckets from `first` on, without a gap. */
  private counts: number[] = [];

  add(value: number, times: number): void {
    if (this.exact) this.addExact(this.exact, value, times);
    else this.addToBucket(value, times);
  }

  merge(other: ValueHistogram): void {
    if (other.exact) {
      for (const [value, times] of other.exact) this.add(value, times);
      return;
    }
    this.leaveExactness();
    this.zeros += other.zeros;
    other.counts.forEach((times, index) => this.addTo(other.first + index, times));
  }

  /** Values in ascending order. */
  entries(): ValueCount[] {
    if (this.exact) return [...this.exact].sort(([a], [b]) => a - b);
    const entries: ValueCount[] = this.zeros > 0 ? [[0, this.zeros]] : [];
    this.counts.forEach((times, index) => {
      if (times > 0) entries.push([Math.exp((this.first + index - bucketOfOne) * growth), times]);
    });
    return entries;
  }

  /** The value of this rank in ascending order, from 0 (exclusive) on. Above the last rank: the greatest value. */
  valueAt(rank: number): number {
    let left = rank;
    let greatest = 0;
    for (const [value, times] of this.entries()) {
      if (left <= times) return this.exact || value === 0 ? value : value * growthWithin(left, times);
      left -= times;
      greatest = value;
    }
    return greatest;
  }

  /** Splits the counts into about `share` and the rest. */
  split(share: number): [ValueHistogram, ValueHistogram] {
    const parts: [ValueHistogram, ValueHistogram] = [new ValueHistogram(), new ValueHistogram()];
    for (const [value, times] of this.entries()) {
      const taken = Math.round(times * share);
      if (taken > 0) parts[0].add(value, taken);
      if (times > taken) parts[1].add(value, times - taken);
    }
    return parts;
  }

  /** The exact entries or the buckets, for storage. */
  toParts(): ValuesParts {
    if (this.exact) return { exact: this.exact };
    return { zeros: this.zeros, first: this.first, counts: this.counts };
  }

  static fromParts(parts: ValuesParts): ValueHistogram {
    const values = new ValueHistogram();
    if ('exact' in parts) values.exact = parts.exact;
    else {
      values.exact = null;
      values.zeros = parts.zeros;
      values.first = parts.first;
      values.counts = parts.counts;
    }
    return values;
  }

  private addExact(exact: ValueCount[], value: number, times: number): void {
    // A loop is faster than find(), and millions of latencies are added here.
    for (const entry of exact) {
      if (entry[0] !== value) continue;
      entry[1] += times;
      return;
    }
    if (exact.length < maximumExact) exact.push([value, times]);
    else {
      this.leaveExactness();
      this.addToBucket(value, times);
    }
  }

  private leaveExactness(): void {
    const exact = this.exact ?? [];
    this.exact = null;
    for (const [value, times] of exact) this.addToBucket(value, times);
  }

  private addToBucket(value: number, times: number): void {
    if (value === 0) this.zeros += times;
    else this.addTo(histogramBucketOf(value), times);
  }

  private addTo(bucket: number, times: number): void {
    if (this.counts.length === 0) this.first = bucket;
    if (bucket < this.first) {
      this.counts = [...new Array<number>(this.first - bucket).fill(0), ...this.counts];
      this.first = bucket;
    }
    const index = bucket - this.first;
    while (this.counts.length <= index) this.counts.push(0);
    this.counts[index] = (this.counts[index] ?? 0) + times;
  }
}

export type ValuesParts = { exact: ValueCount[] } | { zeros: number; first: number; counts: number[] };
