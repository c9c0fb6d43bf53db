interface ScheduledEvent {
  at: number;
  order: number;
  run: () => void;
}

/** Scheduled entries, earliest first, as a binary heap. Entries of the same time keep their order. */
export class Scheduler {
  private readonly heap: ScheduledEvent[] = [];
  private added = 0;

  add(at: number, run: () => void): void {
    this.heap.push({ at, order: (this.added += 1), run });
    let child = this.heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.swapIfLater(parent, child)) return;
      child = parent;
    }
  }

  /** Time of the first entry. Null if there is none. */
  get nextAt(): number | null {
    return this.heap[0]?.at ?? null;
  }

  /** Removes and returns the first entry that is due at `now`, or undefined. */
  popDue(now: number): ScheduledEvent | undefined {
    const first = this.heap[0];
    if (!first || first.at > now) return undefined;
    const last = this.heap.pop();
    if (last && last !== first) {
      this.heap[0] = last;
      this.sink();
    }
    return first;
  }

  private sink(): void {
    for (let parent = 0; ;) {
      const left = 2 * parent + 1;
      if (left >= this.heap.length) return;
      const child = left + 1 < this.heap.length && this.isLater(left, left + 1) ? left + 1 : left;
      if (!this.swapIfLater(parent, child)) return;
      parent = child;
    }
  }

  private isLater(left: number, right: number): boolean {
    const [a, b] = [this.heap[left], this.heap[right]];
    return a !== undefined && b !== undefined && (a.at > b.at || (a.at === b.at && a.order > b.order));
  }

  private swapIfLater(parent: number, child: number): boolean {
    const [above, below] = [this.heap[parent], this.heap[child]];
    if (!above || !below || !this.isLater(parent, child)) return false;
    this.heap[parent] = below;
    this.heap[child] = above;
    return true;
  }
}
