import type { MetricPoint } from './point.js';
import type { PointCodec } from './point-codec.js';
import { resolutionsMs } from './retention.js';

/** A run of packed points. `start` and `end` are the starts of the first and of the last point. */
export interface Block {
  start: number;
  end: number;
  /** The coarsest resolution that fits the points without a roll-up. */
  resolutionMs: number;
  count: number;
  bytes: Uint8Array;
}

export function packBlock<Values>(codec: PointCodec<Values>, points: readonly MetricPoint<Values>[]): Block {
  return {
    start: points[0]?.start ?? 0,
    end: points.at(-1)?.start ?? 0,
    resolutionMs: resolutionOf(points),
    count: points.length,
    bytes: codec.encode(points),
  };
}

/** Joins two blocks without unpacking them. `later` starts after `block` ends. */
export function joinBlocks(block: Block, later: Block): Block {
  const bytes = new Uint8Array(block.bytes.length + later.bytes.length);
  bytes.set(block.bytes);
  bytes.set(later.bytes, block.bytes.length);
  const resolutionMs = Math.min(block.resolutionMs, later.resolutionMs);
  return { start: block.start, end: later.end, resolutionMs, count: block.count + later.count, bytes };
}

/** Index of the first block that does not end before `start`. `blocks` are in order of time. */
export function indexOfEnd(blocks: readonly Block[], start: number): number {
  let [low, high] = [0, blocks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((blocks[middle]?.end ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function sizeOf(blocks: readonly Block[]): number {
  return blocks.reduce((bytes, block) => bytes + block.bytes.length, 0);
}

function resolutionOf(points: readonly { start: number }[]): number {
  return resolutionsMs.findLast((resolution) => points.every(({ start }) => start % resolution === 0)) ?? 1;
}
