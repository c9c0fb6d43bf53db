/** Random cases from one printed seed. A case has no other source of randomness, so the seed repeats the run. */
import fc from 'fast-check';
import { isWhole, seed } from '../seed.js';

/** Ten times as many cases in a whole run. */
export const times = isWhole ? 10 : 1;

export class RandomCase {
  private at = 0;

  constructor(private readonly numbers: readonly number[]) {}

  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number {
    const number = this.numbers[this.at++ % this.numbers.length] ?? 0;
    return Math.floor((number / 2 ** 30) * limit);
  }

  oneOf<T>(things: readonly T[]): T {
    const thing = things[this.below(things.length)];
    if (thing === undefined) throw new Error('nothing to choose from');
    return thing;
  }
}

/** One object for each case. Another `about` gives other cases of the same seed. */
export function randomCases(count: number, about: string): RandomCase[] {
  const own = [...about].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003, seed);
  const numbers = fc.array(fc.nat(2 ** 30 - 1), { minLength: 24, maxLength: 24 });
  return fc.sample(numbers, { seed: own, numRuns: count }).map((sample) => new RandomCase(sample));
}
