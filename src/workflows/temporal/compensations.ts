/** What must happen if the rollout is taken back. Registered before the effect it undoes; run last in, first out. */
export type Compensation =
  { kind: 'stopTraining'; jobName: string } | { kind: 'restoreBaseline'; what: string };

export class Compensations {
  constructor(private entries: Compensation[] = []) {}

  register(entry: Compensation): void {
    this.entries.push(entry);
  }

  /** Once there is nothing to undo any more. */
  remove(entry: Compensation): void {
    this.entries = this.entries.filter((other) => other !== entry);
  }

  /** The registered undos, newest first; empties the stack. */
  drain(): Compensation[] {
    return this.entries.splice(0).reverse();
  }

  toJSON(): Compensation[] {
    return this.entries;
  }
}
