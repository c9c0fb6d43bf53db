import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The program of an image: `local/NAME` is the folder NAME of the programs' folder. Null: simulated. */
export function programNameOf(image: string): string | null {
  return /^local\/([a-z0-9-]+)$/.exec(image)?.[1] ?? null;
}

/** The file of a program, or null. */
export function programEntryOf(
  root: string,
  program: string,
  file: 'train.mjs' | 'serve.mjs',
): string | null {
  const path = join(root, program, file);
  return existsSync(path) ? path : null;
}
