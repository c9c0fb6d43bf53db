import { open, readFile, rename, rm } from 'node:fs/promises';
import type { AccountState } from '../account/account-state.js';
import type { Graph } from './graph.js';
import { captureWorld, restoreWorld } from './state.js';
import { StateFileError } from './state-file-error.js';

const format = 'penstock-emulator-state';
const version = 2;
/** A save may take at most this part of the time: large states are saved less often. */
const savingShare = 0.05;

interface Document {
  file: string;
  format: string;
  version: number;
  account: string;
  region: string;
  graph: Graph;
}

/** Null where there is no such file. Throws StateFileError where it is broken, of another version, or not what is wanted. */
export async function readState(
  file: string,
  wanted: { account?: string; region?: string } = {},
): Promise<Document | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new StateFileError(file, `it cannot be read (${error.message}).`);
  });
  if (text === null) return null;
  const document = parse(text);
  if (document?.format !== format)
    throw new StateFileError(file, 'it is no state of an emulator, or broken.');
  if (document.version !== version) {
    const problem = `its format is version ${document.version}, and this emulator's is version ${version}. Give another file, or take this one away.`;
    throw new StateFileError(file, problem);
  }
  for (const name of ['account', 'region'] as const) {
    if (wanted[name] === undefined || wanted[name] === document[name]) continue;
    throw new StateFileError(file, `it is of ${name} ${document[name]}, and ${wanted[name]} is asked for.`);
  }
  return { ...(document as Document), file };
}

/** Keeps a world's state in a file: every so often where something has happened, and at the end. */
export class StateFile {
  private savedChanges = -1;
  private saving: Promise<void> = Promise.resolve();
  private notBefore = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly file: string,
    private readonly world: AccountState,
    everyMs: number,
  ) {
    this.timer = setInterval(() => this.saveInTime(), everyMs);
    this.timer.unref();
  }

  /** Waits for a save under way, and saves for the last time. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.saving.catch(() => undefined);
    await this.save();
  }

  private saveInTime(): void {
    if (performance.now() < this.notBefore || this.world.changes === this.savedChanges) return;
    // A full disk is no reason to end; the last save, at the end, says what is wrong.
    this.saving = this.saving
      .then(() => this.save())
      .catch((error: unknown) => {
        process.emitWarning(`the state is not saved: ${String(error)}`);
      });
  }

  /** A reader, or a crash, finds either the old state or the new one, whole. */
  private async save(): Promise<void> {
    const started = performance.now();
    const { changes, options, time } = this.world;
    const { account, region } = options;
    const savedAt = new Date(time).toISOString();
    const graph = captureWorld(this.world);
    const text = JSON.stringify({ format, version, savedAt, account, region, graph });
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

/** Brings a new world to the state. Throws StateFileError where it is broken, and then the world is of no use. */
export function restoreState(world: AccountState, { file, graph }: Document): void {
  try {
    restoreWorld(world, graph);
  } catch (error) {
    throw new StateFileError(
      file,
      `it is broken (${error instanceof Error ? error.message : String(error)}).`,
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
