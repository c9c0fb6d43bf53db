/** Downloaded and built programs, kept in the user's cache folder. */
import { randomBytes } from 'node:crypto';
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import envPaths from 'env-paths';
import { lock } from 'proper-lockfile';

/** The user's cache folder for Penstock; PENSTOCK_CACHE_DIR overrides it. */
export function cacheFolder(): string {
  return process.env['PENSTOCK_CACHE_DIR'] ?? envPaths('penstock', { suffix: '' }).cache;
}

/** Folder of a complete entry, or null. */
export async function findCached(cache: string, entry: string): Promise<string | null> {
  const folder = path.join(cache, entry);
  return (await exists(folder)) ? folder : null;
}

/**
 * Makes an entry in a temporary folder and renames the folder when it is complete. An interrupted attempt therefore
 * never becomes an entry. Returns the folder of the entry. Call it in `withLock`: it removes leftovers of earlier
 * attempts.
 */
export async function makeEntry(
  cache: string,
  entry: string,
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const prefix = `.unfinished-${entry}-`;
  await removeStartingWith(cache, prefix);
  const aside = path.join(cache, prefix + randomBytes(4).toString('hex'));
  await mkdir(aside, { recursive: true });
  try {
    await make(aside);
    await putInPlace(aside, path.join(cache, entry));
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return path.join(cache, entry);
}

/**
 * Runs `work` while no other process on this machine does so under the same name. Calls `onWait` once if it has to
 * wait. The lock of a killed process is taken over after 20 seconds.
 */
export async function withLock<T>(
  cache: string,
  name: string,
  onWait: () => void,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(cache, { recursive: true });
  const release = await acquire(path.join(cache, name), onWait);
  try {
    return await work();
  } finally {
    await release();
  }
}

async function acquire(file: string, onWait: () => void): Promise<() => Promise<void>> {
  for (let waiting = false; ; waiting = true) {
    try {
      // A process whose lock was taken over (its machine slept) may continue: a rename creates each entry as a whole.
      return await lock(file, {
        realpath: false,
        stale: 20_000,
        update: 4_000,
        onCompromised: () => undefined,
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
      if (!waiting) onWait();
      await sleep(500);
    }
  }
}

/** If the lock was taken over, another process may have made the same entry. The first one stays. */
async function putInPlace(aside: string, folder: string): Promise<void> {
  try {
    await rename(aside, folder);
  } catch (error) {
    if (!(await exists(folder))) throw error;
  }
}

async function removeStartingWith(folder: string, prefix: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(prefix)) await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
