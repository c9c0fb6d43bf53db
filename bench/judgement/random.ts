/** Reproducible random numbers. */
import gammaln from '@stdlib/math-base-special-gammaln';

/** The part of a distribution with all but 10^-15 of its probability. */
interface Table {
  low: number;
  /** P(value <= low + i). */
  cumulative: Float64Array;
}

export class Random {
  private state: [number, number, number, number];
  private readonly tables = new Map<string, Table>();

  /** sfc32, a small generator that passes the common test batteries. */
  constructor(seed: number) {
    this.state = [seed >>> 0, 0x9e3779b9, 0x243f6a88, 1];
    for (let i = 0; i < 20; i += 1) this.uniform();
  }

  /** In [0, 1), in steps of 2^-32. */
  uniform(): number {
    const [a, b, c, counter] = this.state;
    const sum = (a + b + counter) | 0;
    const turned = (c << 21) | (c >>> 11);
    this.state = [b ^ (b >>> 9), (c + (c << 3)) | 0, (turned + sum) | 0, (counter + 1) | 0];
    return (sum >>> 0) / 2 ** 32;
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Caches tables, so it suits few different pairs of n and p. */
  binomial(n: number, p: number): number {
    if (n === 0 || p <= 0) return 0;
    const key = `${n} ${p}`;
    let table = this.tables.get(key);
    if (table === undefined) {
      const spread = 8 * Math.sqrt(n * p * (1 - p)) + 20;
      const [low, high] = [Math.max(0, Math.floor(n * p - spread)), Math.min(n, Math.ceil(n * p + spread))];
      const chance = (k: number) =>
        Math.exp(
          gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1) + k * Math.log(p) + (n - k) * Math.log1p(-p),
        );
      table = tabulate(low, high, chance);
      this.tables.set(key, table);
    }
    return this.draw(table);
  }

  /** For means up to a few hundred. */
  poisson(mean: number): number {
    let count = 0;
    for (let left = mean + Math.log(1 - this.uniform()); left > 0; count += 1)
      left += Math.log(1 - this.uniform());
    return count;
  }

  /** At least 1. */
  geometric(mean: number): number {
    return mean <= 1 ? 1 : 1 + Math.floor(Math.log(1 - this.uniform()) / Math.log(1 - 1 / mean));
  }

  private draw({ low, cumulative }: Table): number {
    const wanted = this.uniform();
    let [from, to] = [0, cumulative.length - 1];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (cumulative[middle]! > wanted) to = middle;
      else from = middle + 1;
    }
    return low + from;
  }
}

function tabulate(low: number, high: number, chance: (value: number) => number): Table {
  const cumulative = new Float64Array(high - low + 1);
  let sum = 0;
  for (let i = 0; i < cumulative.length; i += 1) cumulative[i] = sum += chance(low + i);
  return { low, cumulative };
}
