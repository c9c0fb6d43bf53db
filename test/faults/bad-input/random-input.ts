/** Throws of dice from one printed seed: a case is made of nothing else, so the seed repeats the run. */
import fc from 'fast-check';
import { isWhole, seed } from '../seed.js';

/** Ten times as many where everything is wanted. */
export const times = isWhole ? 10 : 1;

export class Dice {
  private at = 0;

  constructor(private readonly throws: readonly number[]) {}

  /** From 0 up to, without, `below`. */
  upTo(below: number): number {
    const thrown = this.throws[this.at++ % this.throws.length] ?? 0;
    return Math.floor((thrown / 2 ** 30) * below);
  }

  oneOf<T>(things: readonly T[]): T {
    const thing = things[this.upTo(things.length)];
    if (thing === undefined) throw new Error('nothing to choose from');
    return thing;
  }
}

/** One for each case. `about`: other cases are other throws of the same seed. */
export function dice(count: number, about: string): Dice[] {
  const own = [...about].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003, seed);
  const throws = fc.array(fc.nat(2 ** 30 - 1), { minLength: 24, maxLength: 24 });
  return fc.sample(throws, { seed: own, numRuns: count }).map((thrown) => new Dice(thrown));
}
