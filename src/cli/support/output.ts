/** Data to stdout, everything else to stderr. */
import type { Context } from './context.js';

export function print(context: Context, lines: string | readonly string[]): void {
  context.stdout.write(`${[lines].flat().join('\n')}\n`);
}

/** One JSON document on one line, so that a stream of them can be read line by line. */
export function printJson(context: Context, document: unknown): void {
  context.stdout.write(`${JSON.stringify(document)}\n`);
}

/** Progress and hints. */
export function printStatus(context: Context, lines: string | readonly string[]): void {
  context.stderr.write(`${[lines].flat().join('\n')}\n`);
}
