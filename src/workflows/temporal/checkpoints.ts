/**
 * The position in the runbook, so that a rollout can continue as new. All of it is plain JSON. A rollback has no
 * checkpoints: it ends within its time limit.
 */

export interface CheckpointData {
  /** Sections of the runbook that are complete. */
  completedSections: string[];
  /** Values that the current section has recorded, by name. */
  values: Record<string, unknown>;
}

export class Checkpoints {
  constructor(private readonly record: CheckpointData = { completedSections: [], values: {} }) {}

  /** Runs the work unless an earlier run completed it. Its values are deleted afterwards. */
  async section(name: string, work: () => Promise<void>): Promise<void> {
    if (this.record.completedSections.includes(name)) return;
    await work();
    this.record.completedSections.push(name);
    this.record.values = {};
  }

  /** Runs a part of a section once and records its result; later calls return that result. */
  async runOnce<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    const { values } = this.record;
    if (!(name in values)) values[name] = (await work()) ?? null;
    return values[name] as T;
  }

  /** The recorded value, which the caller may change in place. */
  getOrCreate<T extends object>(name: string, create: () => T): T {
    return (this.record.values[name] ??= create()) as T;
  }

  clear(name: string): void {
    delete this.record.values[name];
  }

  toJSON(): CheckpointData {
    return this.record;
  }
}
