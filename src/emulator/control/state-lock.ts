import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StateFileError } from './state-file-error.js';

const settlingMs = 200;

/** Locks of this process. An earlier process can have had the same id, such as the first one of a container. */
const held = new Set<string>();

/**
 * Locks the state file for this process with a file of the same name and `.lock`, which has the process id. The lock
 * of a process that no longer runs is ignored. Throws StateFileError if another process holds the lock.
 */
export async function lockState(file: string): Promise<() => Promise<void>> {
  const lock = resolve(`${file}.lock`);
  while (!(await take(file, lock))) await removeStaleLock(file, lock);
  held.add(lock);
  return async () => {
    held.delete(lock);
    await rm(lock, { force: true });
  };
}

/** False if a lock exists. */
async function take(file: string, lock: string): Promise<boolean> {
  try {
    await mkdir(dirname(lock), { recursive: true });
    await writeFile(lock, `${process.pid}\n`, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw new StateFileError(
      file,
      `it cannot be locked (${(error as Error).message}). Check the permissions of its folder.`,
    );
  }
}

/** Removes a stale lock. */
async function removeStaleLock(file: string, lock: string): Promise<void> {
  // An empty lock was created just now.
  if ((await readHolder(lock)) === null) await delay(settlingMs);
  rejectIfHeld(file, lock, await readHolder(lock));
  // Another process can do the same and be faster. The moved file is then the lock of that process.
  const moved = `${lock}.${process.pid}`;
  await rename(lock, moved).catch(ignoreMissing);
  const holder = await readHolder(moved);
  try {
    rejectIfHeld(file, lock, holder);
    await rm(moved, { force: true });
  } catch (error) {
    await rename(moved, lock);
    throw error;
  }
}

/** Id of the process that holds the lock. Null if the lock is empty or missing. */
async function readHolder(lock: string): Promise<number | null> {
  const text = await readFile(lock, 'utf8').catch(ignoreMissing);
  return Number(text) || null;
}

function rejectIfHeld(file: string, lock: string, holder: number | null): void {
  if (holder === null || !(holder === process.pid ? held.has(lock) : isRunning(holder))) return;
  throw new StateFileError(
    file,
    `the emulator of process ${holder} uses it (${lock}). Stop that emulator, or choose another file.`,
  );
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process exists and belongs to another user.
    return hasCode(error, 'EPERM');
  }
}

function ignoreMissing(error: unknown): undefined {
  if (!hasCode(error, 'ENOENT')) throw error;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
