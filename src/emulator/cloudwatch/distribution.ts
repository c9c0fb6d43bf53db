/** Neighbouring buckets differ by this factor, so a percentile is off by 1 % at most. */
const growth = Math.log(1.02);
/** Places the bucket of 1; 1e-34 and below fall into the first bucket. */
const keyOfOne = 4000;

/** Many values in little memory: exact count, sum, minimum and maximum; percentiles from logarithmic buckets. */
export class Distribution {
  count = 0;
  sum = 0;
  minimum = Infinity;
  maximum = -Infinity;
  private keys: number[] = [];
  private counts: number[] = [];

  static of(values: Iterable<number>): Distribution {
    const distribution = new Distribution();
    for (const value of values) distribution.add(value);
    return distribution;
  }

  add(value: number, times = 1): void {
    if (times <= 0) return;
    this.count += times;
    this.sum += value * times;
    this.minimum = Math.min(this.minimum, value);
    this.maximum = Math.max(this.maximum, value);
    this.addKey(keyOf(value), times);
  }

  merge(other: Distribution): void {
    this.count += other.count;
    this.sum += other.sum;
    this.minimum = Math.min(this.minimum, other.minimum);
    this.maximum = Math.max(this.maximum, other.maximum);
    other.keys.forEach((key, index) => this.addKey(key, other.counts[index] ?? 0));
  }

  /** Replaces the exact figures by given ones: a StatisticSet carries them without its values. */
  override(exact: { count: number; sum: number; minimum: number; maximum: number }): void {
    Object.assign(this, exact);
  }

  /** Gives back the room that growing arrays keep: many distributions are kept, few grow. */
  trim(): void {
    this.keys = this.keys.slice();
    this.counts = this.counts.slice();
  }

  /** The value below which `percent` percent of all values lie (nearest rank). */
  percentile(percent: number): number {
    let remaining = Math.max(1, Math.ceil((percent / 100) * this.count));
    for (const [index, key] of this.keys.entries()) {
      remaining -= this.counts[index] ?? 0;
      if (remaining <= 0) return Math.min(this.maximum, Math.max(this.minimum, valueOf(key)));
    }
    return this.maximum;
  }

  private addKey(key: number, times: number): void {
    let [low, high] = [0, this.keys.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.keys[middle] ?? 0) < key) low = middle + 1;
      else high = middle;
    }
    if (this.keys[low] === key) this.counts[low] = (this.counts[low] ?? 0) + times;
    else {
      this.keys.splice(low, 0, key);
      this.counts.splice(low, 0, times);
    }
  }
}

function keyOf(value: number): number {
  if (value === 0) return 0;
  return Math.sign(value) * Math.max(1, keyOfOne + Math.round(Math.log(Math.abs(value)) / growth));
}

function valueOf(key: number): number {
  return key === 0 ? 0 : Math.sign(key) * Math.exp((Math.abs(key) - keyOfOne) * growth);
}
