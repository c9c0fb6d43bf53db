import { type ValueCount, ValueHistogram } from './values.js';

/** The figures that CloudWatch calls a StatisticSet. */
export interface Summary {
  count: number;
  sum: number;
  minimum: number;
  maximum: number;
}

/** Many values in little memory: exact count, sum, minimum and maximum, and what percentiles need. */
export class Distribution implements Summary {
  count = 0;
  sum = 0;
  minimum = Infinity;
  maximum = -Infinity;
  /** Null where percentiles cannot be told: a value is negative, or only a summary was put. As CloudWatch has it. */
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

  /** Of a StatisticSet; its values are known only where they are all the same. */
  static ofSummary(summary: Summary): Distribution {
    const distribution = new Distribution();
    if (summary.minimum === summary.maximum) distribution.add(summary.minimum, summary.count);
    else Object.assign(distribution, summary, { values: null });
    return distribution;
  }

  add(value: number, times = 1): void {
    if (times <= 0) return;
    this.count += times;
    this.sum += value * times;
    if (value < this.minimum) this.minimum = value;
    if (value > this.maximum) this.maximum = value;
    if (value < 0) this.values = null;
    else this.values?.add(value, times);
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

  /** Ascending, within the exact minimum and maximum; null where the values are not known. */
  entries(): ValueCount[] | null {
    const entries = this.values?.entries() ?? null;
    return entries?.map(([value, times]) => [this.withinBounds(value), times]) ?? null;
  }

  /** The value that `percent` percent of all values do not exceed (nearest rank); null where it is not known. */
  percentile(percent: number): number | null {
    const rank = Math.max(1e-9, (percent / 100) * this.count - 1e-9);
    const value = this.values?.valueAt(rank) ?? null;
    return value === null ? null : this.withinBounds(value);
  }

  /** Two distributions that merge into this one again, the first with about `share` of the values. */
  split(share: number): [Distribution, Distribution] {
    const part = new Distribution();
    const rest = new Distribution();
    if (!this.values) part.merge(this);
    else {
      const [taken, left] = this.values.split(share);
      for (const [value, times] of taken.entries()) part.add(this.withinBounds(value), times);
      for (const [value, times] of left.entries()) rest.add(this.withinBounds(value), times);
      // Buckets are coarser than the sum: the rest carries the difference, so that both make up the whole.
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
