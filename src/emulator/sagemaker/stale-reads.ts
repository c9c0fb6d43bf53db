interface PreviousView {
  /** The response before the last change. Null: the resource did not exist. */
  view: object | null;
  until: number;
}

/** Share of stale reads while reads can be stale. */
const staleShare = 0.5;

/** Stale reads: for some time after a change, some reads return the previous state. Off at 0 ms. */
export class StaleReads {
  private readonly previous = new WeakMap<object, PreviousView>();

  constructor(
    public lagMs: number,
    private readonly draw: () => number,
  ) {}

  remember(resource: object, view: object | null, now: number): void {
    if (this.lagMs === 0) return;
    const known = this.previous.get(resource);
    // The oldest state that a read can still return is kept until its time is over.
    if (known && now < known.until) return;
    this.previous.set(resource, { view, until: now + this.lagMs });
  }

  /** The result of a read: `present`, or the previous state, which is null if the resource did not exist. */
  read<View extends object>(resource: object, present: View, now: number): View | null {
    const known = this.previous.get(resource);
    if (!known || now >= known.until || this.draw() >= staleShare) return present;
    return known.view as View | null;
  }
}
