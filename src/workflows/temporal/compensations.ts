/** What must happen if the rollout is taken back. Registered before the effect it undoes; run last in, first out. */
export type Undo = { kind: 'stopTraining'; jobName: string } | { kind: 'restoreBaseline'; what: string };

export class UndoStack {
  constructor(private entries: Undo[] = []) {}

  register(entry: Undo): void {
    this.entries.push(entry);
  }

  /** Once there is nothing to undo any more. */
  withdraw(entry: Undo): void {
    this.entries = this.entries.filter((other) => other !== entry);
  }

  /** The registered undos, newest first; empties the stack. */
  take(): Undo[] {
    return this.entries.splice(0).reverse();
  }

  toJSON(): Undo[] {
    return this.entries;
  }
}
