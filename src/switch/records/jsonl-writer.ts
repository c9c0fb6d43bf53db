/** A file of JSON lines that is rotated at a size, and read again after a restart. */
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { SwitchLog } from '../log.js';

const flushMs = 200;
/** Max size of the lines that wait for the disk. Further lines are dropped and counted. */
const maxQueuedBytes = 32 * 2 ** 20;

export class Journal {
  dropped = 0;
  private waiting = '';
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly file: string,
    private readonly rotateBytes: number,
    private readonly log: SwitchLog,
    private handle: FileHandle,
    private bytes: number,
  ) {}

  /** Rejects if the file cannot be written. */
  static async open(file: string, rotateBytes: number, log: SwitchLog): Promise<Journal> {
    await mkdir(dirname(file), { recursive: true });
    const handle = await open(file, 'a');
    const { size } = await handle.stat();
    // A killed process may have left half a line.
    if (size > 0) await handle.write('\n');
    return new Journal(file, rotateBytes, log, handle, size);
  }

  append(line: object): void {
    const text = `${JSON.stringify(line)}\n`;
    if (this.waiting.length + text.length > maxQueuedBytes) {
      this.dropped++;
      return;
    }
    this.waiting += text;
    this.timer ??= setTimeout(() => void this.flush().catch(() => undefined), flushMs).unref();
  }

  /** Settles when the operating system has all lines appended so far. Rejects if they cannot be written. */
  flush(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const write = async () => {
      const text = this.waiting;
      if (text === '') return;
      this.waiting = '';
      await this.write(text).catch((error: unknown) => {
        this.log('warn', `cannot write ${this.file}: ${String(error)}; check the disk and its permissions`);
        this.dropped += text.split('\n').length - 1;
        throw error;
      });
    };
    const written = this.writing.then(write);
    this.writing = written.catch(() => undefined);
    return written;
  }

  async close(): Promise<void> {
    await this.flush().catch(() => undefined);
    await this.handle.close();
  }

  private async write(text: string): Promise<void> {
    await this.handle.write(text);
    this.bytes += Buffer.byteLength(text);
    if (this.bytes < this.rotateBytes) return;
    const old = this.handle;
    await rename(this.file, rotatedPathOf(this.file));
    this.handle = await open(this.file, 'a');
    this.bytes = 0;
    await old.close();
  }
}

/** The lines of the rotated file, then those of the current one. Skips lines that are not JSON. */
export async function* readJournal(file: string): AsyncGenerator<unknown> {
  for (const each of [rotatedPathOf(file), file]) {
    if ((await stat(each).catch(() => null)) === null) continue;
    for await (const line of createInterface({ input: createReadStream(each), crlfDelay: Infinity })) {
      const parsed = parse(line);
      if (parsed !== null) yield parsed;
    }
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function rotatedPathOf(file: string): string {
  return `${file}.1`;
}
