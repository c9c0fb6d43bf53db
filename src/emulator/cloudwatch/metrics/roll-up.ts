import { type Block, packBlock } from './block.js';
import type { Mergeable, MetricPoint } from './point.js';
import type { PointCodec } from './point-codec.js';

/** Rolls up consecutive blocks to a coarser resolution. */
export class RollUp<Values extends Mergeable<Values>> {
  private points: MetricPoint<Values>[] = [];
  private resolutionMs = 0;

  constructor(
    private readonly codec: PointCodec<Values>,
    private readonly into: Block[],
    private readonly pointsInBlock: number,
  ) {}

  add(block: Block, resolutionMs: number): void {
    if (resolutionMs !== this.resolutionMs) this.begin(resolutionMs);
    for (const point of this.codec.decode(block.bytes)) this.addPoint(point);
  }

  finish(): void {
    if (this.points.length > 0) this.into.push(packBlock(this.codec, this.points));
    this.points = [];
    this.resolutionMs = 0;
  }

  /** If the last block has the same resolution, it is filled first. */
  private begin(resolutionMs: number): void {
    this.finish();
    this.resolutionMs = resolutionMs;
    const last = this.into.at(-1);
    if (!last || last.resolutionMs !== resolutionMs || last.count >= this.pointsInBlock) return;
    this.into.pop();
    this.points = this.codec.decode(last.bytes);
  }

  private addPoint(point: MetricPoint<Values>): void {
    const start = Math.floor(point.start / this.resolutionMs) * this.resolutionMs;
    const last = this.points.at(-1);
    if (last && last.start >= start) {
      last.values.merge(point.values);
      return;
    }
    if (this.points.length >= this.pointsInBlock)
      this.into.push(packBlock(this.codec, this.points.splice(0)));
    this.points.push({ start, values: point.values });
  }
}
