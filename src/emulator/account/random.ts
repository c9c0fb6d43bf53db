/** Seeded random numbers (mulberry32): the same seed and the same calls give the same results. */
export class Random {
  /** A signed integer of 32 bits, because JavaScript engines store those without a heap object. */
  private state: number;

  constructor(readonly seed: number) {
    this.state = seed | 0;
  }

  /** The position in the stream. `new Random(seed)` moved to it continues from there. */
  get position(): number {
    return this.state >>> 0;
  }

  moveTo(position: number): void {
    this.state = position | 0;
  }

  /** An independent stream, so that the draws of one part do not change those of another part. */
  fork(label: string): Random {
    let hash = 2166136261 ^ this.seed;
    for (const character of label) hash = Math.imul(hash ^ character.charCodeAt(0), 16777619);
    return new Random(hash);
  }

  /** Draws from the open interval 0 to 1. */
  uniform(): number {
    const state = (this.state + 0x6d2b79f5) | 0;
    this.state = state;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 4294967296;
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Exact below a mean of 30. Otherwise the normal approximation. */
  poisson(mean: number): number {
    if (mean <= 0) return 0;
    if (mean >= 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let drawn = 0;
    for (let product = this.uniform(); product > limit; product *= this.uniform()) drawn += 1;
    return drawn;
  }

  /** Exact for few trials, Poisson for rare events, otherwise the normal approximation. */
  binomial(trials: number, probability: number): number {
    if (trials <= 0 || probability <= 0) return 0;
    if (probability >= 1) return trials;
    if (probability > 0.5) return trials - this.binomial(trials, 1 - probability);
    if (trials <= 64) return this.countSuccesses(trials, probability);
    const mean = trials * probability;
    if (mean < 30 && probability < 0.05) return Math.min(trials, this.poisson(mean));
    if (mean < 30) return this.countSuccesses(trials, probability);
    const deviate = Math.sqrt(mean * (1 - probability)) * this.normal();
    return Math.min(trials, Math.max(0, Math.round(mean + deviate)));
  }

  /** Successes in `trials` trials, in bursts of `burst` successes on average (geometric lengths). */
  burstyBinomial(trials: number, probability: number, burst: number): number {
    if (burst <= 1) return this.binomial(trials, probability);
    const bursts = this.poisson((trials * probability) / burst);
    if (bursts > 200) {
      const deviate = Math.sqrt(bursts * burst * (burst - 1)) * this.normal();
      return Math.min(trials, Math.max(0, Math.round(bursts * burst + deviate)));
    }
    let successes = 0;
    for (let each = 0; each < bursts; each += 1) successes += this.geometric(burst);
    return Math.min(trials, successes);
  }

  /** Draws a number from 1 on. `mean`: above 1. */
  private geometric(mean: number): number {
    return this.geometricStep(Math.log1p(-1 / mean));
  }

  /** `logarithm`: of the probability of a failure. */
  private geometricStep(logarithm: number): number {
    return Math.ceil(Math.log(this.uniform()) / logarithm);
  }

  /** Steps from success to success, so the cost depends only on the number of successes. */
  private countSuccesses(trials: number, probability: number): number {
    let successes = -1;
    const logarithm = Math.log1p(-1 / (1 / probability));
    for (let trial = 0; trial <= trials; trial += this.geometricStep(logarithm)) successes += 1;
    return successes;
  }
}
