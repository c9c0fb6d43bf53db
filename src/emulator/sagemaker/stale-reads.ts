interface PreviousView {
  /** What was described before the last change; null: it was not there yet. */
  view: object | null;
  until: number;
}

/** Part of the reads, as long as they may be stale, that are. */
const staleShare = 0.5;

/** Reads that lag behind changes: for some time after a change, some reads answer what was before. Off at 0 ms. */
export class StaleReads {
  private readonly former = new WeakMap<object, PreviousView>();

  constructor(
    public lagMs: number,
    private readonly draw: () => number,
  ) {}

  remember(resource: object, view: object | null, now: number): void {
    if (this.lagMs === 0) return;
    const known = this.former.get(resource);
    // The oldest state that a read may still answer stays until its time is over.
    if (known && now < known.until) return;
    this.former.set(resource, { view, until: now + this.lagMs });
  }

  /** What a read answers: `present`, or what was before, which is null where there was nothing. */
  read<View extends object>(resource: object, present: View, now: number): View | null {
    const known = this.former.get(resource);
    if (!known || now >= known.until || this.draw() >= staleShare) return present;
    return known.view as View | null;
  }
}
