/** The compiled programs, as users run them. They start with half the work of the sources. */
import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { withLock } from '../../src/servers/cache.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const locks = join(root, 'node_modules', '.cache');
/** The last file of a build. */
const lastBuilt = join(root, 'dist', 'workflow-bundle-encrypting.js');

export const workerProgram = fileURLToPath(new URL('./worker-program.mjs', import.meta.url));

let built: Promise<void> | null = null;

/** The folder of the compiled sources. Builds them if a source is newer. */
export async function builtPrograms(): Promise<string> {
  built ??= withLock(locks, 'build', () => undefined, buildIfStale);
  await built;
  return join(root, 'dist');
}

async function buildIfStale(): Promise<void> {
  const builtMs = await changedMs(lastBuilt).catch(() => 0);
  const files = await readdir(join(root, 'src'), { recursive: true });
  const changed = await Promise.all(files.map((file) => changedMs(join(root, 'src', file))));
  if (Math.max(...changed) > builtMs)
    await promisify(execFile)('npm', ['run', '--silent', 'build'], { cwd: root });
}

async function changedMs(file: string): Promise<number> {
  return (await stat(file)).mtimeMs;
}
