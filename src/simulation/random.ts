/** Random numbers of a simulation: the same seed gives the same numbers everywhere. */
export class SeededRandom {
  private state: number;

  /** `seed`: an integer; only its low 32 bits count. */
  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** An integer in [0, 2^32): mulberry32. */
  nextWord(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** In [0, 1). */
  uniform(): number {
    return this.nextWord() / 2 ** 32;
  }

  nextByte(): number {
    return this.nextWord() & 0xff;
  }
}
