/** Says what takes long, and how long it has taken: one updating line on a terminal, else a line now and then. */
import { createLogUpdate } from 'log-update';

/** Takes one line for people. */
export type LogLine = (line: string) => void;

/** The default log. */
export function logProgressToStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}

const plainEverySeconds = 10;

/** Runs `work`, which is described by `doing` (e.g. `building the server`). */
export async function trackProgress<T>(doing: string, log: LogLine, work: () => Promise<T>): Promise<T> {
  const stop = process.stderr.isTTY ? updateLine(doing) : writeLines(doing, log);
  try {
    return await work();
  } finally {
    stop();
  }
}

function updateLine(doing: string): () => void {
  const startMs = Date.now();
  const update = createLogUpdate(process.stderr);
  const show = () => update(`${doing} ... ${elapsed(startMs)}`);
  show();
  const timer = setInterval(show, 500);
  return () => {
    clearInterval(timer);
    update.clear();
  };
}

function writeLines(doing: string, log: LogLine): () => void {
  const startMs = Date.now();
  log(`${doing} ...`);
  const timer = setInterval(() => log(`${doing} ... ${elapsed(startMs)}`), plainEverySeconds * 1000);
  return () => clearInterval(timer);
}

function elapsed(startMs: number): string {
  const seconds = Math.round((Date.now() - startMs) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
