import { readFileSync } from 'node:fs';
import { UsageError } from './usage-error.js';

/** Reads a file from the command line. Throws UsageError if that fails. */
export function readTextFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`Cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
