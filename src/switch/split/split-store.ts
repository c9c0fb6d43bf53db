/** What was last known, on disk: a switch that starts while Temporal is away goes on as the last one did. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Split } from '../../plan/split/split.js';
import { validateSplit } from './split-validation.js';
import type { SwitchLog } from '../log.js';

interface Stored {
  version: 1;
  /** By endpoint, in lower case. */
  splits: Record<string, Split>;
}

export class SplitStore {
  private readonly file: string;
  private splits = new Map<string, Split>();
  private saving: Promise<void> | null = null;

  private constructor(
    directory: string,
    private readonly log: SwitchLog,
  ) {
    this.file = join(directory, 'splits.json');
  }

  /** Makes the directory. Rejects where that is not possible: better at the start than in the next outage. */
  static async open(directory: string, log: SwitchLog): Promise<SplitStore> {
    await mkdir(directory, { recursive: true });
    const store = new SplitStore(directory, log);
    store.splits = await store.read();
    await store.write();
    return store;
  }

  known(): ReadonlyMap<string, Split> {
    return this.splits;
  }

  /** Never rejects: a full disk does not stop the traffic. */
  async keep(endpoint: string, split: Split): Promise<void> {
    this.splits.set(endpoint, split);
    // One write at a time; the next takes all that has come by then.
    const before = this.saving;
    const save = async () => {
      await before;
      if (this.saving === own)
        await this.write().catch((error: unknown) =>
          this.log('warn', `${this.file} cannot be written: ${String(error)}`),
        );
    };
    const own = Promise.resolve().then(save);
    this.saving = own;
    await own;
  }

  /** Settles when all that was to be kept is on disk, or was complained about. */
  async settle(): Promise<void> {
    await this.saving;
  }

  private async read(): Promise<Map<string, Split>> {
    const text = await readFile(this.file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (text === null) return new Map();
    try {
      const { splits } = JSON.parse(text) as Partial<Stored>;
      const entries = Object.entries(splits ?? {});
      return new Map(entries.filter(([endpoint, split]) => validateSplit(split, endpoint) === null));
    } catch (error) {
      this.log('warn', `${this.file} is not read, for it is no JSON: ${String(error)}`);
      return new Map();
    }
  }

  /** A reader sees the old file or the new one, never a half. */
  private async write(): Promise<void> {
    const stored: Stored = { version: 1, splits: Object.fromEntries(this.splits) };
    const aside = `${this.file}.${process.pid}`;
    await writeFile(aside, `${JSON.stringify(stored, null, 2)}\n`);
    await rename(aside, this.file);
  }
}
