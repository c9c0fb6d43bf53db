import { type ValueCount, ValueHistogram } from './values.js';

/** The members of CloudWatch's StatisticSet. */
export interface Summary {
  count: number;
  sum: number;
  minimum: number;
  maximum: number;
}

/** Many values in little memory: exact count, sum, minimum and maximum, and a histogram for percentiles. */
export class Distribution implements Summary {
  count = 0;
  sum = 0;
  minimum = Infinity;
  maximum = -Infinity;
  /** Null if percentiles are unknown, as in CloudWatch: a value is negative, or only a summary was put. */
  values: ValueHistogram | null = new ValueHistogram();

  static of(values: Iterable<number>): Distribution {
    const distribution = new Distribution();
    for (const value of values) distribution.add(value);
    return distribution;
  }

  static copyOf(other: Distribution): Distribution {
    const distribution = new Distribution();
    distribution.merge(other);
    return distribution;
  }

  /** A copy without percentiles. */
  static summaryOf(other: Distribution): Distribution {
    const distribution = new Distribution();
    distribution.values = null;
    distribution.merge(other);
    return distribution;
  }

  /** From a StatisticSet. Its values are known only if they are all equal. */
  static ofSummary(summary: Summary): Distribution {
    const distribution = new Distribution();
    if (summary.minimum === summary.maximum) distribution.add(summary.minimum, summary.count);
    else Object.assign(distribution, summary, { values: null });
    return distribution;
  }

  /** `bucket`: of the histogram, if it is known. */
  add(value: number, times = 1, bucket?: number): void {
    if (times <= 0) return;
    this.count += times;
    this.sum += value * times;
    if (value < this.minimum) this.minimum = value;
    if (value > this.maximum) this.maximum = value;
    if (value < 0) this.values = null;
    else this.values?.add(value, times, bucket);
  }

  merge(other: Distribution): void {
    if (other.count === 0) return;
    this.count += other.count;
    this.sum += other.sum;
    this.minimum = Math.min(this.minimum, other.minimum);
    this.maximum = Math.max(this.maximum, other.maximum);
    if (other.values) this.values?.merge(other.values);
    else this.values = null;
  }

  /** Values in ascending order, within the exact minimum and maximum. Null if the values are unknown. */
  entries(): ValueCount[] | null {
    const entries = this.values?.entries() ?? null;
    return entries?.map(([value, times]) => [this.withinBounds(value), times]) ?? null;
  }

  /** The value that `percent` percent of all values do not exceed (nearest rank). Null if it is unknown. */
  percentile(percent: number): number | null {
    const rank = Math.max(1e-9, (percent / 100) * this.count - 1e-9);
    const value = this.values?.valueAt(rank) ?? null;
    return value === null ? null : this.withinBounds(value);
  }

  /** Splits into two distributions whose merge is this one. The first has about `share` of the values. */
  split(share: number): [Distribution, Distribution] {
    const part = new Distribution();
    const rest = new Distribution();
    if (!this.values) part.merge(this);
    else {
      const [taken, left] = this.values.split(share);
      for (const [value, times] of taken.entries()) part.add(this.withinBounds(value), times);
      for (const [value, times] of left.entries()) rest.add(this.withinBounds(value), times);
      // Buckets are coarser than the sum. The second part gets the difference, so that both parts add up to the whole.
      rest.sum = this.sum - part.sum;
      rest.minimum = this.minimum;
      rest.maximum = this.maximum;
    }
    return [part, rest];
  }

  private withinBounds(value: number): number {
    return Math.min(this.maximum, Math.max(this.minimum, value));
  }
}
