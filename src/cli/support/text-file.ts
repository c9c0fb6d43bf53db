import { readFileSync } from 'node:fs';
import { UsageError } from './usage-error.js';

/** Throws UsageError where a file named on the command line cannot be read. */
export function readTextFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
