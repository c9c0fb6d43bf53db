/** Shows long-running work and its elapsed time: an updating line on a terminal, otherwise a line every 10 s. */
import { createLogUpdate } from 'log-update';

/** Receives one line for users. */
export type LogLine = (line: string) => void;

/** The default log. */
export function logProgressToStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}

const plainEverySeconds = 10;

/** Runs `work`. `doing` describes it, e.g. `building the server`. */
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
