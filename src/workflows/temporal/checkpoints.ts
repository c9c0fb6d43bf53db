/**
 * What the runbook must know of the way it has come, to carry on in a new run of the workflow where the history of the
 * old one has grown long. Everything here is plain JSON. The way back does without: it is over within its time limit.
 */

export interface MemoryRecord {
  /** Chapters of the runbook that are done. */
  chapters: string[];
  /** What the present chapter has noted, by name. */
  notes: Record<string, unknown>;
}

export class Memory {
  constructor(private readonly record: MemoryRecord = { chapters: [], notes: {} }) {}

  /** Does the work unless it was done in an earlier run. What it noted is forgotten when it is done. */
  async chapter(name: string, work: () => Promise<void>): Promise<void> {
    if (this.record.chapters.includes(name)) return;
    await work();
    this.record.chapters.push(name);
    this.record.notes = {};
  }

  /** Does a part of a chapter, unless it was done in an earlier run: then what it gave. */
  async once<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    const { notes } = this.record;
    if (!(name in notes)) notes[name] = (await work()) ?? null;
    return notes[name] as T;
  }

  /** What is kept under the name, to be changed in place; from `begin` where nothing is. */
  keep<T extends object>(name: string, begin: () => T): T {
    return (this.record.notes[name] ??= begin()) as T;
  }

  forget(name: string): void {
    delete this.record.notes[name];
  }

  toJSON(): MemoryRecord {
    return this.record;
  }
}
