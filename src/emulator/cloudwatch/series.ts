import { decodePoints, encodePoints } from './point-codec.js';
import { indexOfStart, insertPoint, type Point } from './point.js';
import { resolutionsMs, type Retention } from './retention.js';

/** A run of packed points that begins at `start`; `end` is the last one's start. */
interface Block {
  start: number;
  end: number;
  resolutionMs: number;
  count: number;
  bytes: Uint8Array;
}

const pointsInBlock = 32;
const pointsKeptOpen = 8;
const pointsBetweenRepacks = 256;

/** The points of one metric and one unit, in order of time, at most one a start: the newest at hand, the others packed. */
export class Series {
  private blocks: Block[] = [];
  private open: Point[] = [];
  /** Not yet visible to readers. */
  private pending: { point: Point; visibleAt: number }[] = [];
  private sinceRepack = 0;

  constructor(
    private readonly retention: Retention,
    private readonly seriesCount: () => number,
  ) {}

  put(point: Point, visibleAt: number): void {
    this.pending.push({ point, visibleAt });
    // Nobody may be reading: what is long visible must not pile up.
    this.settle(point.start);
  }

  /** Points that begin in `from` (inclusive) to `to` (exclusive) and are visible at `now`. */
  read(from: number, to: number, now: number): Point[] {
    this.settle(now);
    const packed = this.blocks
      .filter((block) => block.start < to && block.end >= from)
      .flatMap((block) => decodePoints(block.bytes));
    const points = packed.length > 0 ? [...packed, ...this.open] : this.open;
    return points.slice(indexOfStart(points, from), indexOfStart(points, to));
  }

  /** When its newest visible point begins; null where there is none. */
  newest(now: number): number | null {
    this.settle(now);
    return this.open.at(-1)?.start ?? this.blocks.at(-1)?.end ?? null;
  }

  private settle(now: number): void {
    if (!this.pending.some(({ visibleAt }) => visibleAt <= now)) return;
    const late: typeof this.pending = [];
    for (const entry of this.pending) {
      if (entry.visibleAt <= now) this.insert(entry.point);
      else late.push(entry);
    }
    this.pending = late;
    if (this.open.length >= pointsInBlock + pointsKeptOpen) this.packOldest();
    if (this.sinceRepack >= pointsBetweenRepacks) this.repack(now);
  }

  private insert(point: Point): void {
    this.sinceRepack += 1;
    const last = this.blocks.at(-1);
    if (!last || point.start > last.end) {
      insertPoint(this.open, point);
      return;
    }
    // Late, into a block that is packed already.
    const index = Math.max(
      0,
      this.blocks.findLastIndex((block) => block.start <= point.start),
    );
    const block = this.blocks[index] ?? last;
    const points = decodePoints(block.bytes);
    const resolved = { ...point, start: Math.floor(point.start / block.resolutionMs) * block.resolutionMs };
    insertPoint(points, resolved);
    this.blocks[index] = packed(points, block.resolutionMs);
    this.retention.account(this.blocks[index].bytes.length - block.bytes.length, this.seriesCount());
  }

  private packOldest(): void {
    const points = this.open.splice(0, pointsInBlock);
    const block = packed(points, resolutionOf(points));
    this.blocks.push(block);
    this.retention.account(block.bytes.length, this.seriesCount());
  }

  /** Rolls up the blocks that have grown too old for their resolution, and forgets the oldest. */
  private repack(now: number): void {
    this.sinceRepack = 0;
    const before = sizeOf(this.blocks);
    const kept: Block[] = [];
    for (const block of this.blocks) {
      const resolutionMs = this.retention.resolutionAt(now - block.end);
      if (resolutionMs === null) continue;
      if (resolutionMs <= block.resolutionMs) kept.push(block);
      else appendRolledUp(kept, block, resolutionMs);
    }
    this.blocks = kept;
    this.retention.account(sizeOf(kept) - before, this.seriesCount());
  }
}

/** Fills up the last block first, where that is of the same resolution. */
function appendRolledUp(blocks: Block[], block: Block, resolutionMs: number): void {
  const last = blocks.at(-1);
  const continued = last && last.resolutionMs === resolutionMs && last.count < pointsInBlock ? last : null;
  const points = continued ? decodePoints(continued.bytes) : [];
  if (continued) blocks.pop();
  for (const point of decodePoints(block.bytes)) rollUp(points, point, resolutionMs);
  blocks.push(packed(points, resolutionMs));
}

function rollUp(points: Point[], point: Point, resolutionMs: number): void {
  const start = Math.floor(point.start / resolutionMs) * resolutionMs;
  const last = points.at(-1);
  if (last && last.start >= start) last.values.merge(point.values);
  else points.push({ start, values: point.values });
}

function packed(points: Point[], resolutionMs: number): Block {
  return {
    start: points[0]?.start ?? 0,
    end: points.at(-1)?.start ?? 0,
    resolutionMs,
    count: points.length,
    bytes: encodePoints(points),
  };
}

/** The coarsest of the resolutions kept that the points fit as they are, so that they need not be rolled up to it. */
function resolutionOf(points: readonly Point[]): number {
  return resolutionsMs.findLast((resolution) => points.every(({ start }) => start % resolution === 0)) ?? 1;
}

function sizeOf(blocks: Block[]): number {
  return blocks.reduce((bytes, block) => bytes + block.bytes.length, 0);
}
