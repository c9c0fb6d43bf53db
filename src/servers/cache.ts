/** Programs that took a download or a build to get, kept for next time in the user's cache folder. */
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
 * Makes an entry in a folder aside and renames it when it is complete, so that an interrupted attempt is never taken
 * for an entry. Returns the entry's folder. Call it under `withLock`: leftovers of earlier attempts are removed.
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
 * Runs `work` while no other process on this machine does so under the same name. Calls `onWait` once where it has to
 * wait. A lock whose holder was killed is taken over after 20 seconds.
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
      // A holder whose lock was taken over (its machine slept) may go on: entries appear whole, by a rename.
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

/** Another process may have made the same entry, where this one's lock was taken over: the first one stays. */
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
