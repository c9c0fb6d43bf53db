import { fnv1a32 } from '../../plan/split/bucketing.js';

const bits = 2 ** 23;

/** Counts users once, in a megabyte. Never too many; of a hundred thousand about one in two hundred is taken for another. */
export class UserCounter {
  private readonly seen = new Uint8Array(bits / 8);

  /** True at the first time. */
  isNew(user: string): boolean {
    const at = fnv1a32(user) % bits;
    const mask = 1 << (at & 7);
    const before = this.seen[at >> 3] ?? 0;
    this.seen[at >> 3] = before | mask;
    return (before & mask) === 0;
  }
}
