/** One step of a rollback. Register it before the change that it undoes. The newest one runs first. */
export type Compensation =
  { kind: 'stopTraining'; jobName: string } | { kind: 'restoreBaseline'; description: string };

export class Compensations {
  constructor(private entries: Compensation[] = []) {}

  /** A previous run of the rollout may have registered the same one. */
  register(entry: Compensation): void {
    this.remove(entry);
    this.entries.push(entry);
  }

  /** Call when there is nothing to undo any more. */
  remove(entry: Compensation): void {
    this.entries = this.entries.filter((other) => !isSame(other, entry));
  }

  /** Returns all compensations, newest first, and removes them. */
  drain(): Compensation[] {
    return this.entries.splice(0).reverse();
  }

  toJSON(): Compensation[] {
    return this.entries;
  }
}

function isSame(one: Compensation, other: Compensation): boolean {
  return one.kind === 'stopTraining'
    ? other.kind === 'stopTraining' && one.jobName === other.jobName
    : other.kind === 'restoreBaseline';
}
