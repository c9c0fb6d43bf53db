/** The simulated time, and the work that is due at moments of it. Time passes only when `runNext` is called. */
export interface Scheduled {
  readonly atMs: number;
  /** Drops the work if it has not run yet. Safe to call again. */
  cancel(): void;
}

type Work = () => void | Promise<void>;

interface Entry extends Scheduled {
  readonly order: number;
  work: Work | null;
}

export class SimulatedClock {
  private heap: Entry[] = [];
  private count = 0;

  /** `startMs`: milliseconds since the epoch. */
  constructor(private currentMs: number) {}

  get nowMs(): number {
    return this.currentMs;
  }

  /** When the next work is due; null if none is. */
  get nextMs(): number | null {
    this.dropCancelled();
    return this.heap[0]?.atMs ?? null;
  }

  /** Work of one moment runs in the order in which it was scheduled. A moment that has passed means now. */
  at(atMs: number, work: Work): Scheduled {
    const entry: Entry = {
      atMs: Math.max(atMs, this.currentMs),
      order: this.count++,
      work,
      cancel() {
        this.work = null;
      },
    };
    this.push(entry);
    return entry;
  }

  /** Resolves at that moment of simulated time. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.at(this.currentMs + ms, resolve);
    });
  }

  /** Advances to the next work and runs it; false if there is none until `untilMs` inclusive. */
  async runNext(untilMs = Infinity): Promise<boolean> {
    this.dropCancelled();
    const [next] = this.heap;
    if (next === undefined || next.atMs > untilMs) return false;
    this.pop();
    this.currentMs = next.atMs;
    await next.work?.();
    return true;
  }

  /** Passes time in which nothing is due. */
  advanceTo(ms: number): void {
    this.currentMs = Math.max(this.currentMs, ms);
  }

  private dropCancelled(): void {
    while (this.heap[0]?.work === null) this.pop();
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, entry)) break;
      heap[i] = above;
      heap[parent] = entry;
      i = parent;
    }
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let i = 0;
    for (;;) {
      const left = 2 * i + 1;
      let child = left;
      if (left + 1 < heap.length && isBefore(entryAt(heap, left + 1), entryAt(heap, left))) child = left + 1;
      if (child >= heap.length || !isBefore(entryAt(heap, child), last)) break;
      heap[i] = entryAt(heap, child);
      i = child;
    }
    heap[i] = last;
  }
}

function entryAt(heap: Entry[], i: number): Entry {
  const entry = heap[i];
  if (entry === undefined) throw new Error(`no entry ${i}`);
  return entry;
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
