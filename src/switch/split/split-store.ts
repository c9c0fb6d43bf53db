/** The last known splits, on disk. A switch that starts while Temporal is unavailable continues with them. */
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

  /** Creates the directory. Rejects if the file cannot be written: the start fails, not the next outage. */
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

  /** Never rejects, because a full disk must not stop the traffic. */
  async keep(endpoint: string, split: Split): Promise<void> {
    this.splits.set(endpoint, split);
    // One write at a time. The next write contains all splits that arrived until then.
    const before = this.saving;
    const save = async () => {
      await before;
      if (this.saving === own)
        await this.write().catch((error: unknown) =>
          this.log('warn', `cannot write ${this.file}: ${String(error)}; check the disk and its permissions`),
        );
    };
    const own = Promise.resolve().then(save);
    this.saving = own;
    await own;
  }

  /** Settles when all splits are on disk, or the failure was logged. */
  async flush(): Promise<void> {
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
      this.log(
        'warn',
        `cannot read ${this.file}: it is not JSON (${String(error)}); the switch starts without it`,
      );
      return new Map();
    }
  }

  /** Renames a complete file, so that a reader never sees half of one. */
  private async write(): Promise<void> {
    const stored: Stored = { version: 1, splits: Object.fromEntries(this.splits) };
    const temporary = `${this.file}.${process.pid}`;
    await writeFile(temporary, `${JSON.stringify(stored, null, 2)}\n`);
    await rename(temporary, this.file);
  }
}
