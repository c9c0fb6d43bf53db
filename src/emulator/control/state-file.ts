import { open, readFile, rename, rm } from 'node:fs/promises';
import type { Regions } from '../account/regions.js';
import type { Graph } from './graph.js';
import { captureAccount, restoreAccount } from './state.js';
import { StateFileError } from './state-file-error.js';

const format = 'penstock-emulator-state';
const version = 4;
/** Max share of the time for saves, so that large states are saved less often. */
const savingShare = 0.05;

interface Document {
  file: string;
  format: string;
  version: number;
  account: string;
  region: string;
  graph: Graph;
  /** The other regions. Absent in files of earlier versions, which had one region. */
  otherRegions?: { region: string; graph: Graph }[];
}

/** Null if the file does not exist. Throws StateFileError for an invalid file, another version, account or region. */
export async function readState(
  file: string,
  wanted: { account?: string; region?: string } = {},
): Promise<Document | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new StateFileError(file, `it cannot be read (${error.message}). Check its permissions.`);
  });
  if (text === null) return null;
  const document = parse(text);
  if (document?.format !== format)
    throw new StateFileError(file, 'it is not the state of an emulator, or invalid. Choose another file.');
  if (document.version !== version) {
    const problem = `its format is version ${document.version}, expected version ${version}. Choose another file, or delete this one.`;
    throw new StateFileError(file, problem);
  }
  for (const name of ['account', 'region'] as const) {
    if (wanted[name] === undefined || wanted[name] === document[name]) continue;
    throw new StateFileError(
      file,
      `its ${name} is ${document[name]}, expected ${wanted[name]}. Choose another file.`,
    );
  }
  return { ...(document as Document), file };
}

/** Saves the state of the account in all regions to a file, after changes and at the end. */
export class StateFile {
  private savedChanges = -1;
  private saving: Promise<void> = Promise.resolve();
  private notBefore = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly file: string,
    private readonly regions: Regions,
    everyMs: number,
  ) {
    this.timer = setInterval(() => this.saveInTime(), everyMs);
    this.timer.unref();
  }

  /** Waits for a save in progress, and saves for the last time. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.saving.catch(() => undefined);
    await this.save();
  }

  private saveInTime(): void {
    if (performance.now() < this.notBefore || this.regions.changes === this.savedChanges) return;
    // A full disk does not stop the emulator. The last save, at the end, reports the failure.
    this.saving = this.saving
      .then(() => this.save())
      .catch((error: unknown) => {
        process.emitWarning(
          `cannot save the state: ${String(error)}; the emulator tries again after the next change`,
        );
      });
  }

  /** Renames a complete file, so that a reader, or the next start after a crash, finds a complete state. */
  private async save(): Promise<void> {
    const started = performance.now();
    const { changes, home, all } = this.regions;
    const { account, region } = home.options;
    const savedAt = new Date(home.time).toISOString();
    const graph = captureAccount(home);
    const otherRegions = all
      .filter((each) => each !== home)
      .map((each) => ({ region: each.options.region, graph: captureAccount(each) }));
    const text = JSON.stringify({ format, version, savedAt, account, region, graph, otherRegions });
    const draft = `${this.file}.${process.pid}.draft`;
    try {
      const handle = await open(draft, 'w', 0o600);
      await handle
        .writeFile(text)
        .then(() => handle.sync())
        .finally(() => handle.close());
      await rename(draft, this.file);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    this.savedChanges = changes;
    const ended = performance.now();
    this.notBefore = ended + (ended - started) / savingShare;
  }
}

/** Restores the state into new accounts. If it throws StateFileError, they are unusable. */
export function restoreState(regions: Regions, { file, graph, otherRegions = [] }: Document): void {
  try {
    restoreAccount(regions.home, graph);
    for (const other of otherRegions) restoreAccount(regions.of(other.region), other.graph);
  } catch (error) {
    throw new StateFileError(
      file,
      `it is invalid (${error instanceof Error ? error.message : String(error)}). Choose another file.`,
    );
  }
}

function parse(text: string): Partial<Document> | null {
  try {
    return JSON.parse(text) as Partial<Document> | null;
  } catch {
    return null;
  }
}
