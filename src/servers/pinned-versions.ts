/** The files under tools/ that pin the versions of built and downloaded programs. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of a file under tools/. */
export function toolsPath(...parts: string[]): string {
  return fileURLToPath(new URL(path.posix.join('../../tools', ...parts), import.meta.url));
}

/** Name of a cache entry. Changes with the content of the pinned files and with the platform. */
export async function entryName(program: string, files: string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(file));
  return `${program}-${hash.digest('hex').slice(0, 12)}-${process.platform}-${process.arch}`;
}
