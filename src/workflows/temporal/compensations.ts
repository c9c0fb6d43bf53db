/** One step of a rollback. Register it before the change that it undoes. The newest one runs first. */
export type Compensation =
  { kind: 'stopTraining'; jobName: string } | { kind: 'restoreBaseline'; description: string };

export class Compensations {
  constructor(private entries: Compensation[] = []) {}

  register(entry: Compensation): void {
    this.entries.push(entry);
  }

  /** Call when there is nothing to undo any more. */
  remove(entry: Compensation): void {
    this.entries = this.entries.filter((other) => other !== entry);
  }

  /** Returns all compensations, newest first, and removes them. */
  drain(): Compensation[] {
    return this.entries.splice(0).reverse();
  }

  toJSON(): Compensation[] {
    return this.entries;
  }
}
