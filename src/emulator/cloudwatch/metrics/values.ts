/** Ratio of neighbouring buckets, so that a value is known to 1 %. */
const growth = Math.log(1.02);
/** Index of the bucket of 1. Values up to 1e-34 share the first bucket. */
const bucketOfOne = 4000;
const maximumExact = 8;
const noCounts = new Float64Array(0);

/** Bucket of a value above 0. */
export function histogramBucketOf(value: number): number {
  return bucketOfLogarithm(Math.log(value));
}

/** Bucket of a value with this natural logarithm. */
export function bucketOfLogarithm(logarithm: number): number {
  return Math.max(1, bucketOfOne + Math.round(logarithm / growth));
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
  /** Counts of the buckets from `first` on, without a gap. A typed array, because reads of percentiles merge many. */
  private counts = noCounts;

  /** `bucket`: of the value, if it is known. Computing it takes most of the time. */
  add(value: number, times: number, bucket?: number): void {
    if (this.exact) this.addExact(this.exact, value, times);
    else if (bucket === undefined) this.addToBucket(value, times);
    else this.addTo(bucket, times);
  }

  merge(other: ValueHistogram): void {
    if (other.exact) {
      for (const [value, times] of other.exact) this.add(value, times);
      return;
    }
    this.leaveExactness();
    this.zeros += other.zeros;
    this.addCounts(other.first, other.counts);
  }

  /** Values in ascending order. */
  entries(): ValueCount[] {
    if (this.exact) return [...this.exact].sort(([a], [b]) => a - b);
    const entries: ValueCount[] = this.zeros > 0 ? [[0, this.zeros]] : [];
    this.counts.forEach((times, index) => {
      if (times > 0) entries.push([middleOf(this.first + index), times]);
    });
    return entries;
  }

  /** The value of this rank in ascending order, from 0 (exclusive) on. Above the last rank: the greatest value. */
  valueAt(rank: number): number {
    return this.exact ? this.exactValueAt(rank) : this.bucketValueAt(rank);
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
    return { zeros: this.zeros, first: this.first, counts: [...this.counts] };
  }

  static fromParts(parts: ValuesParts): ValueHistogram {
    const values = new ValueHistogram();
    if ('exact' in parts) values.exact = parts.exact;
    else {
      values.exact = null;
      values.zeros = parts.zeros;
      values.first = parts.first;
      values.counts = Float64Array.from(parts.counts);
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

  private exactValueAt(rank: number): number {
    let left = rank;
    let greatest = 0;
    for (const [value, times] of this.entries()) {
      if (left <= times) return value;
      left -= times;
      greatest = value;
    }
    return greatest;
  }

  /** Computes only the value of the bucket that it finds, because a query reads one percentile of many buckets. */
  private bucketValueAt(rank: number): number {
    if (this.zeros > 0 && rank <= this.zeros) return 0;
    let left = rank - this.zeros;
    let greatest = -1;
    for (let index = 0; index < this.counts.length; index += 1) {
      const times = this.counts[index] ?? 0;
      if (times === 0) continue;
      if (left <= times) return middleOf(this.first + index) * growthWithin(left, times);
      left -= times;
      greatest = index;
    }
    return greatest === -1 ? 0 : middleOf(this.first + greatest);
  }

  private addTo(bucket: number, times: number): void {
    let index = bucket - this.first;
    if (index < 0 || index >= this.counts.length) {
      this.cover(bucket);
      index = bucket - this.first;
    }
    this.counts[index] = (this.counts[index] ?? 0) + times;
  }

  private addCounts(first: number, counts: Float64Array<ArrayBuffer>): void {
    if (counts.length === 0) return;
    if (this.counts.length === 0) {
      this.first = first;
      this.counts = counts.slice();
      return;
    }
    this.cover(first);
    this.cover(first + counts.length - 1);
    const own = this.counts;
    const offset = first - this.first;
    for (let index = 0; index < counts.length; index += 1) own[offset + index]! += counts[index]!;
  }

  /** Extends the counts to this bucket. */
  private cover(bucket: number): void {
    if (this.counts.length === 0) this.first = bucket;
    const missing = bucket - this.first - this.counts.length + 1;
    if (missing > 0) this.counts = placed(this.counts, this.counts.length + missing, 0);
    if (bucket >= this.first) return;
    const added = this.first - bucket;
    this.counts = placed(this.counts, this.counts.length + added, added);
    this.first = bucket;
  }
}

/** A longer array with the counts from index `at` on. */
function placed(counts: Float64Array, length: number, at: number): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(length);
  longer.set(counts, at);
  return longer;
}

function middleOf(bucket: number): number {
  return Math.exp((bucket - bucketOfOne) * growth);
}

export type ValuesParts = { exact: ValueCount[] } | { zeros: number; first: number; counts: number[] };
