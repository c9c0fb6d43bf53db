import type { Block } from './block.js';
import type { MetricPoint } from './point.js';

/** Adds values up without what only single values need, such as latencies. Sums must be exact in any order. */
export interface Counting<Values> {
  none(): Values;
  add(total: Values, values: Values): void;
}

/** Totals of values. Remembers those of blocks, because queries over days read the same blocks again and again. */
export class Totals<Values> {
  private readonly ofBlocks = new WeakMap<Block, Values>();

  constructor(private readonly counting: Counting<Values>) {}

  add(total: Values, values: Values): void {
    this.counting.add(total, values);
  }

  copyOf(values: Values): Values {
    const copy = this.counting.none();
    this.add(copy, values);
    return copy;
  }

  /** Callers must not change the result. */
  ofBlock(block: Block, pointsOf: () => MetricPoint<Values>[]): Values {
    const known = this.ofBlocks.get(block);
    if (known) return known;
    const total = this.counting.none();
    for (const { values } of pointsOf()) this.add(total, values);
    this.ofBlocks.set(block, total);
    return total;
  }
}
