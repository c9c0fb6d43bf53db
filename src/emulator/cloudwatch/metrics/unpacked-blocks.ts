import type { Block } from './block.js';
import type { MetricPoint } from './point.js';
import type { PointCodec } from './point-codec.js';

/** Readers use the newest block again and again, and the one in which their window begins. */
const maximumKept = 3;

/** The points of the blocks that were read last. */
export class UnpackedBlocks<Values> {
  private readonly kept = new Map<Block, MetricPoint<Values>[]>();

  constructor(private readonly codec: PointCodec<Values>) {}

  /** Callers must not change the points. */
  pointsOf(block: Block): MetricPoint<Values>[] {
    const points = this.kept.get(block) ?? this.codec.decode(block.bytes);
    // The block that was read longest ago is dropped first.
    this.kept.delete(block);
    this.kept.set(block, points);
    const [oldest] = this.kept.keys();
    if (this.kept.size > maximumKept && oldest) this.kept.delete(oldest);
    return points;
  }

  /** `block` and later points were packed together. */
  join(block: Block, later: MetricPoint<Values>[], joined: Block): void {
    const points = this.kept.get(block);
    if (!points) return;
    this.kept.delete(block);
    this.kept.set(joined, points.concat(later));
  }
}
