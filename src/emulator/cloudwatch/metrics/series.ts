import { type Block, indexOfEnd, joinBlocks, packBlock, sizeOf } from './block.js';
import type { Periods } from './periods.js';
import { indexOfStart, insertPoint, type Mergeable, type MetricPoint } from './point.js';
import type { PointCodec } from './point-codec.js';
import type { Retention } from './retention.js';
import { RollUp } from './roll-up.js';
import { type CountsOf, RunningCounts, runningCountsOf } from './running-counts.js';
import { UnpackedBlocks } from './unpacked-blocks.js';

/** A series in the state file, with packed points. */
export interface SeriesState {
  blocks: Block[];
  open: Uint8Array;
  pending: { point: Uint8Array; visibleAt: number }[];
}

/** Points packed at once. Blocks below `pointsInBlock` are joined, because each block costs about 200 bytes. */
const pointsPackedAtOnce = 32;
const pointsInBlock = 256;
const pointsKeptOpen = 8;
const pointsBetweenRepacks = 256;

/** Points in order of time, at most one per start. The newest points are unpacked, the others packed. */
export class StoredSeries<Values extends Mergeable<Values>> {
  private blocks: Block[] = [];
  private open: MetricPoint<Values>[] = [];
  /** Not yet visible to readers. */
  private pending: { point: MetricPoint<Values>; visibleAt: number }[] = [];
  private sinceRepack = 0;
  private readonly unpacked: UnpackedBlocks<Values>;

  constructor(
    private readonly codec: PointCodec<Values>,
    private readonly retention: Retention,
  ) {
    this.unpacked = new UnpackedBlocks(codec);
    retention.addSeries();
  }

  /** The newest points, up to about `maximumBytes` of packed points. */
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
    // Without readers, visible points must not accumulate in `pending`.
    this.settle(point.start);
  }

  /** Points whose start is in `from` (inclusive) to `to` (exclusive) and that are visible at `now`. */
  read(from: number, to: number, now: number): MetricPoint<Values>[] {
    this.settle(now);
    const found: MetricPoint<Values>[] = [];
    for (const block of this.blocksWithin(from, to))
      found.push(...within(this.unpacked.pointsOf(block), from, to));
    const open = within(this.open, from, to);
    return found.length > 0 ? found.concat(open) : open;
  }

  /** The counts of each period with points. */
  count(periods: Periods, now: number, countsOf: CountsOf<Values>): MetricPoint<number[]>[] {
    this.settle(now);
    const { earliest, to } = periods;
    const found: MetricPoint<number[]>[] = [];
    for (const block of this.blocksWithin(earliest, to))
      runningCountsOf(block, (each) => this.unpacked.pointsOf(each), countsOf).addTo(found, periods);
    RunningCounts.of(within(this.open, earliest, to), countsOf).addTo(found, periods);
    return found;
  }

  /** Start of the newest visible point, or null. */
  newest(now: number): number | null {
    this.settle(now);
    return this.open.at(-1)?.start ?? this.blocks.at(-1)?.end ?? null;
  }

  private blocksWithin(from: number, to: number): Block[] {
    return this.blocks.slice(indexOfEnd(this.blocks, from), indexOfStart(this.blocks, to));
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
    // A late point of a block that is already packed.
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
    const points = this.open.splice(0, pointsPackedAtOnce);
    const block = packBlock(this.codec, points);
    const last = this.blocks.at(-1);
    if (last && last.count < pointsInBlock && last.resolutionMs === block.resolutionMs) {
      const joined = joinBlocks(last, block);
      this.unpacked.join(last, points, joined);
      this.blocks[this.blocks.length - 1] = joined;
    } else {
      this.blocks.push(block);
    }
    this.retention.account(block.bytes.length);
  }

  /** Rolls up blocks that are too old for their resolution, and drops the oldest ones. */
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

function within<Values>(points: MetricPoint<Values>[], from: number, to: number): MetricPoint<Values>[] {
  return points.slice(indexOfStart(points, from), indexOfStart(points, to));
}
