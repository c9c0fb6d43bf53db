import type { Block } from './block.js';
import { type Periods, periodStartOf } from './periods.js';
import type { MetricPoint } from './point.js';

/** The counts in values, such as requests and errors. Adding them up is exact in any order. */
export type CountsOf<Values> = (values: Values) => readonly number[];

/** Counts of points in order of time, for sums over any of their periods. */
export class RunningCounts {
  private readonly starts: number[] = [];
  /** For each kind of count, the sums before each point and after the last one. */
  private readonly sums: number[][] = [];

  static of<Values>(points: readonly MetricPoint<Values>[], countsOf: CountsOf<Values>): RunningCounts {
    const running = new RunningCounts();
    for (const { start, values } of points) running.add(start, countsOf(values));
    return running;
  }

  /** Adds the counts of each period to the last of these points, or as further ones. */
  addTo(found: MetricPoint<number[]>[], periods: Periods): void {
    const end = this.indexOf(periods.to);
    for (let index = this.indexOf(periods.earliest); index < end;) {
      const start = periodStartOf(this.starts[index] ?? 0, periods);
      const next = Math.min(end, this.indexOf(start + periods.periodMs));
      const last = found.at(-1);
      if (last?.start === start) this.addRange(last.values, index, next);
      else
        found.push({
          start,
          values: this.addRange(new Array<number>(this.sums.length).fill(0), index, next),
        });
      index = next;
    }
  }

  private add(start: number, counts: readonly number[]): void {
    this.starts.push(start);
    for (let kind = 0; kind < counts.length; kind += 1) {
      const sums = (this.sums[kind] ??= [0]);
      sums.push((sums.at(-1) ?? 0) + (counts[kind] ?? 0));
    }
  }

  private addRange(total: number[], from: number, to: number): number[] {
    for (let kind = 0; kind < this.sums.length; kind += 1) {
      const sums = this.sums[kind] ?? [];
      total[kind] = (total[kind] ?? 0) + (sums[to] ?? 0) - (sums[from] ?? 0);
    }
    return total;
  }

  /** Index of the first point that does not start before `start`. */
  private indexOf(start: number): number {
    let low = 0;
    let high = this.starts.length;
    // A window over many blocks contains most of them as a whole.
    if (start <= (this.starts[0] ?? Infinity)) return 0;
    if (start > (this.starts[high - 1] ?? -Infinity)) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.starts[middle] ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Max cached blocks, of about 10 kB: those of two variants in half a year. */
const maximumKept = 2_048;
const kept = new Map<Block, RunningCounts>();

/** Cached, because queries over days read the same blocks again and again. */
export function runningCountsOf<Values>(
  block: Block,
  pointsOf: (block: Block) => readonly MetricPoint<Values>[],
  countsOf: CountsOf<Values>,
): RunningCounts {
  const known = kept.get(block);
  if (known) return known;
  if (kept.size >= maximumKept) kept.clear();
  const running = RunningCounts.of(pointsOf(block), countsOf);
  kept.set(block, running);
  return running;
}
