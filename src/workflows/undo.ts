/** What must happen if the rollout is taken back. Registered before the effect it undoes; run last in, first out. */
export interface Undo {
  what: string;
  /** Whether it changes the endpoint; then a config with both variants is left to delete. */
  touchesEndpoint: boolean;
  run: () => Promise<void>;
}

export class UndoStack {
  private entries: Undo[] = [];

  /** Returns a function that withdraws the undo once there is nothing to undo any more. */
  register(entry: Undo): () => void {
    this.entries.push(entry);
    return () => {
      this.entries = this.entries.filter((other) => other !== entry);
    };
  }

  /** The registered undos, newest first; empties the stack. */
  take(): Undo[] {
    return this.entries.splice(0).reverse();
  }
}
