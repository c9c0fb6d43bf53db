/**
 * What the runbook must know of the way it has come, to carry on in a new run of the workflow where the history of the
 * old one has grown long. Everything here is plain JSON. The way back does without: it is over within its time limit.
 */

export interface CheckpointData {
  /** Chapters of the runbook that are done. */
  completedSections: string[];
  /** What the present chapter has noted, by name. */
  values: Record<string, unknown>;
}

export class Checkpoints {
  constructor(private readonly record: CheckpointData = { completedSections: [], values: {} }) {}

  /** Does the work unless it was done in an earlier run. What it noted is forgotten when it is done. */
  async section(name: string, work: () => Promise<void>): Promise<void> {
    if (this.record.completedSections.includes(name)) return;
    await work();
    this.record.completedSections.push(name);
    this.record.values = {};
  }

  /** Does a part of a chapter, unless it was done in an earlier run: then what it gave. */
  async runOnce<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    const { values } = this.record;
    if (!(name in values)) values[name] = (await work()) ?? null;
    return values[name] as T;
  }

  /** What is kept under the name, to be changed in place; from `begin` where nothing is. */
  getOrCreate<T extends object>(name: string, begin: () => T): T {
    return (this.record.values[name] ??= begin()) as T;
  }

  clear(name: string): void {
    delete this.record.values[name];
  }

  toJSON(): CheckpointData {
    return this.record;
  }
}
