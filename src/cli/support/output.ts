/** Data to stdout, everything else to stderr. */
import type { Context } from './context.js';

export function print(context: Context, lines: string | readonly string[]): void {
  context.stdout.write(`${[lines].flat().join('\n')}\n`);
}

/** One JSON document per line. */
export function printJson(context: Context, document: unknown): void {
  context.stdout.write(`${JSON.stringify(document)}\n`);
}

/** Progress and hints. */
export function printStatus(context: Context, lines: string | readonly string[]): void {
  context.stderr.write(`${[lines].flat().join('\n')}\n`);
}
