import { decodePoints, encodePoints } from './point-codec.js';
import { indexOfStart, insertPoint, type Point } from './point.js';
import { resolutionsMs, type Retention } from './retention.js';

/** A run of packed points. `start` and `end` are the first and the last one's beginning. */
interface Block {
  start: number;
  end: number;
  resolutionMs: number;
  count: number;
  bytes: Uint8Array;
}

/** A series as it is kept: everything packed. */
export interface SeriesState {
  blocks: Block[];
  open: Uint8Array;
  pending: { point: Uint8Array; visibleAt: number }[];
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
  /** Of the block that was unpacked last: alarms read the newest one every minute. */
  private unpacked: { block: Block; points: Point[] } | null = null;

  constructor(
    private readonly retention: Retention,
    private readonly seriesCount: () => number,
  ) {}

  /** The newest points, up to about so many bytes of packed ones. */
  toState(maximumBytes: number): SeriesState {
    const blocks: Block[] = [];
    let bytes = 0;
    for (const block of [...this.blocks].reverse()) {
      bytes += block.bytes.length;
      if (bytes > maximumBytes) break;
      blocks.unshift(block);
    }
    const pending = this.pending.map(({ point, visibleAt }) => ({
      point: encodePoints([point]),
      visibleAt,
    }));
    return { blocks, open: encodePoints(this.open), pending };
  }

  restore({ blocks, open, pending }: SeriesState): void {
    this.blocks = blocks;
    this.open = decodePoints(open);
    this.pending = pending.flatMap(({ point, visibleAt }) =>
      decodePoints(point).map((each) => ({ point: each, visibleAt })),
    );
    this.retention.account(sizeOf(blocks), this.seriesCount());
  }

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
      .flatMap((block) => this.unpack(block));
    const points = packed.length > 0 ? [...packed, ...this.open] : this.open;
    return points.slice(indexOfStart(points, from), indexOfStart(points, to));
  }

  /** When its newest visible point begins; null where there is none. */
  newest(now: number): number | null {
    this.settle(now);
    return this.open.at(-1)?.start ?? this.blocks.at(-1)?.end ?? null;
  }

  private unpack(block: Block): Point[] {
    if (this.unpacked?.block !== block) this.unpacked = { block, points: decodePoints(block.bytes) };
    return this.unpacked.points;
  }

  private settle(now: number): void {
    if (!this.pending.some(({ visibleAt }) => visibleAt <= now)) return;
    const late: typeof this.pending = [];
    for (const entry of this.pending) {
      if (entry.visibleAt <= now) this.insert(entry.point, now);
      else late.push(entry);
    }
    this.pending = late;
    if (this.open.length >= pointsInBlock + pointsKeptOpen) this.packOldest();
    if (this.sinceRepack >= pointsBetweenRepacks) this.repack(now);
  }

  private insert(point: Point, now: number): void {
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
    const keptMs = this.retention.resolutionAt(now - point.start) ?? block.resolutionMs;
    const resolutionMs = Math.min(keptMs, block.resolutionMs);
    insertPoint(points, { ...point, start: Math.floor(point.start / resolutionMs) * resolutionMs });
    this.blocks[index] = packed(points);
    this.retention.account(this.blocks[index].bytes.length - block.bytes.length, this.seriesCount());
  }

  private packOldest(): void {
    const block = packed(this.open.splice(0, pointsInBlock));
    this.blocks.push(block);
    this.retention.account(block.bytes.length, this.seriesCount());
  }

  /** Rolls up the blocks that have grown too old for their resolution, and forgets the oldest. */
  private repack(now: number): void {
    this.sinceRepack = 0;
    const before = sizeOf(this.blocks);
    const kept: Block[] = [];
    const rollUp = new RollUp(kept);
    for (const block of this.blocks) {
      const resolutionMs = this.retention.resolutionAt(now - block.end);
      if (resolutionMs === null) continue;
      if (resolutionMs > block.resolutionMs) rollUp.add(block, resolutionMs);
      else {
        rollUp.finish();
        kept.push(block);
      }
    }
    rollUp.finish();
    this.blocks = kept;
    this.retention.account(sizeOf(kept) - before, this.seriesCount());
  }
}

/** Puts blocks that follow one another into blocks of a coarser resolution. */
class RollUp {
  private points: Point[] = [];
  private resolutionMs = 0;

  constructor(private readonly into: Block[]) {}

  add(block: Block, resolutionMs: number): void {
    if (resolutionMs !== this.resolutionMs) this.begin(resolutionMs);
    for (const point of decodePoints(block.bytes)) this.addPoint(point);
  }

  finish(): void {
    if (this.points.length > 0) this.into.push(packed(this.points));
    this.points = [];
    this.resolutionMs = 0;
  }

  /** Fills up the last block first, where that is of the same resolution. */
  private begin(resolutionMs: number): void {
    this.finish();
    this.resolutionMs = resolutionMs;
    const last = this.into.at(-1);
    if (!last || last.resolutionMs !== resolutionMs || last.count >= pointsInBlock) return;
    this.into.pop();
    this.points = decodePoints(last.bytes);
  }

  private addPoint(point: Point): void {
    const start = Math.floor(point.start / this.resolutionMs) * this.resolutionMs;
    const last = this.points.at(-1);
    if (last && last.start >= start) {
      last.values.merge(point.values);
      return;
    }
    if (this.points.length >= pointsInBlock) this.into.push(packed(this.points.splice(0)));
    this.points.push({ start, values: point.values });
  }
}

function packed(points: Point[]): Block {
  return {
    start: points[0]?.start ?? 0,
    end: points.at(-1)?.start ?? 0,
    resolutionMs: resolutionOf(points),
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
