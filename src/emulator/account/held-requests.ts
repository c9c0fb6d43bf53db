export interface HeldCall {
  id: number;
  operation: string;
  /** Epoch ms, by the emulator's clock. */
  since: number;
}

/** Calls whose request or response is held until a client of the control API releases it. */
export class HeldRequests {
  private readonly held = new Map<number, HeldCall & { release: () => void }>();
  private added = 0;

  /** Resolves when the call is released. */
  wait(operation: string, since: number): Promise<void> {
    return new Promise((release) => {
      const id = (this.added += 1);
      this.held.set(id, { id, operation, since, release });
    });
  }

  list(): HeldCall[] {
    return [...this.held.values()].map(({ id, operation, since }) => ({ id, operation, since }));
  }

  /** Releases one call, or all. Returns the number of released calls. */
  release(id?: number): number {
    const released = [...this.held.values()].filter((each) => id === undefined || each.id === id);
    for (const each of released) {
      this.held.delete(each.id);
      each.release();
    }
    return released.length;
  }
}
