/** Choices of one seed. */
import { SeededRandom } from '../../../src/simulation/random.js';

export class Dice {
  private readonly random: SeededRandom;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    // The first numbers of neighbouring seeds resemble each other.
    for (let skipped = 0; skipped < 8; skipped++) this.random.nextWord();
  }

  /** Its choices do not depend on how many are made here afterwards. */
  fork(): Dice {
    return new Dice(this.random.nextWord());
  }

  seed(): number {
    return this.random.nextWord();
  }

  chance(probability: number): boolean {
    return this.random.uniform() < probability;
  }

  /** `from` inclusive, `to` exclusive. */
  between(from: number, to: number): number {
    return from + (to - from) * this.random.uniform();
  }

  /** Both inclusive. */
  whole(from: number, to: number): number {
    return Math.floor(this.between(from, to + 1));
  }

  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.random.uniform() * items.length)];
    if (item === undefined) throw new Error('cannot pick from an empty list');
    return item;
  }

  /** Each item has its weight. */
  weighted<T>(items: readonly (readonly [weight: number, item: T])[]): T {
    let rest = this.random.uniform() * items.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, item] of items) {
      rest -= weight;
      if (rest < 0) return item;
    }
    throw new Error('cannot pick from an empty list');
  }

  /** The fields, with that probability. */
  maybe<T extends object>(probability: number, fields: () => T): T | Record<string, never> {
    return this.chance(probability) ? fields() : {};
  }
}
