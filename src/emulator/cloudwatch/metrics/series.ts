import { type Block, joinBlocks, packBlock, sizeOf } from './block.js';
import { indexOfStart, insertPoint, type Mergeable, type MetricPoint } from './point.js';
import type { PointCodec } from './point-codec.js';
import type { Retention } from './retention.js';
import { RollUp } from './roll-up.js';

/** A series as it is kept: everything packed. */
export interface SeriesState {
  blocks: Block[];
  open: Uint8Array;
  pending: { point: Uint8Array; visibleAt: number }[];
}

/** How many are packed at a time; blocks of less than `pointsInBlock` are joined, for each costs some 200 bytes. */
const pointsPackedAtOnce = 32;
const pointsInBlock = 256;
const pointsKeptOpen = 8;
const pointsBetweenRepacks = 256;

/** Points in order of time, at most one a start: the newest at hand, the others packed. */
export class StoredSeries<Values extends Mergeable<Values>> {
  private blocks: Block[] = [];
  private open: MetricPoint<Values>[] = [];
  /** Not yet visible to readers. */
  private pending: { point: MetricPoint<Values>; visibleAt: number }[] = [];
  private sinceRepack = 0;
  /** Of the block that was unpacked last: alarms read the newest one every minute. */
  private unpacked: { block: Block; points: MetricPoint<Values>[] } | null = null;

  constructor(
    private readonly codec: PointCodec<Values>,
    private readonly retention: Retention,
  ) {
    retention.addSeries();
  }

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
      point: this.codec.encode([point]),
      visibleAt,
    }));
    return { blocks, open: this.codec.encode(this.open), pending };
  }

  restore({ blocks, open, pending }: SeriesState): void {
    this.blocks = blocks;
    this.open = this.codec.decode(open);
    this.pending = pending.flatMap(({ point, visibleAt }) =>
      this.codec.decode(point).map((each) => ({ point: each, visibleAt })),
    );
    this.retention.account(sizeOf(blocks));
  }

  put(point: MetricPoint<Values>, visibleAt: number): void {
    this.pending.push({ point, visibleAt });
    // Nobody may be reading: what is long visible must not pile up.
    this.settle(point.start);
  }

  /** Points that begin in `from` (inclusive) to `to` (exclusive) and are visible at `now`. */
  read(from: number, to: number, now: number): MetricPoint<Values>[] {
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

  private unpack(block: Block): MetricPoint<Values>[] {
    if (this.unpacked?.block !== block) this.unpacked = { block, points: this.codec.decode(block.bytes) };
    return this.unpacked.points;
  }

  private settle(now: number): void {
    if (!this.pending.some(({ visibleAt }) => visibleAt <= now)) return;
    for (const { point, visibleAt } of this.pending) if (visibleAt <= now) this.insert(point, now);
    this.pending = this.pending.filter(({ visibleAt }) => visibleAt > now);
    if (this.open.length >= pointsPackedAtOnce + pointsKeptOpen) this.packOldest();
    if (this.sinceRepack >= pointsBetweenRepacks) this.repack(now);
  }

  private insert(point: MetricPoint<Values>, now: number): void {
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
    const points = this.codec.decode(block.bytes);
    const keptMs = this.retention.resolutionAt(now - point.start) ?? block.resolutionMs;
    const resolutionMs = Math.min(keptMs, block.resolutionMs);
    insertPoint(points, { ...point, start: Math.floor(point.start / resolutionMs) * resolutionMs });
    this.blocks[index] = packBlock(this.codec, points);
    this.retention.account(this.blocks[index].bytes.length - block.bytes.length);
  }

  private packOldest(): void {
    const block = packBlock(this.codec, this.open.splice(0, pointsPackedAtOnce));
    const last = this.blocks.at(-1);
    const joins = last && last.count < pointsInBlock && last.resolutionMs === block.resolutionMs;
    if (joins) this.blocks[this.blocks.length - 1] = joinBlocks(last, block);
    else this.blocks.push(block);
    this.retention.account(block.bytes.length);
  }

  /** Rolls up the blocks that have grown too old for their resolution, and forgets the oldest. */
  private repack(now: number): void {
    this.sinceRepack = 0;
    const before = sizeOf(this.blocks);
    const kept: Block[] = [];
    const rollUp = new RollUp(this.codec, kept, pointsInBlock);
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
    this.retention.account(sizeOf(kept) - before);
  }
}
