import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StateFileError } from './state-file-error.js';

const settlingMs = 200;

/** Of this process: its id may also stand in the lock of one before, such as the first of an earlier container. */
const held = new Set<string>();

/**
 * Makes sure that no other emulator uses the state file: a file beside it, of the same name and `.lock`, says which
 * process does. The lock of a process that is gone counts for nothing. Throws StateFileError where another one holds it.
 */
export async function lockState(file: string): Promise<() => Promise<void>> {
  const lock = resolve(`${file}.lock`);
  while (!(await take(file, lock))) await clearAway(file, lock);
  held.add(lock);
  return async () => {
    held.delete(lock);
    await rm(lock, { force: true });
  };
}

/** False where there is a lock. */
async function take(file: string, lock: string): Promise<boolean> {
  try {
    await mkdir(dirname(lock), { recursive: true });
    await writeFile(lock, `${process.pid}\n`, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw new StateFileError(file, `it cannot be locked (${(error as Error).message}).`);
  }
}

/** Removes a lock that is left over. */
async function clearAway(file: string, lock: string): Promise<void> {
  // One that is empty has just been made.
  if ((await readHolder(lock)) === null) await delay(settlingMs);
  refuseIfHeld(file, lock, await readHolder(lock));
  // Another one may do the same, and be faster: what is moved away is then that one's own lock.
  const moved = `${lock}.${process.pid}`;
  await rename(lock, moved).catch(ignoreMissing);
  const holder = await readHolder(moved);
  try {
    refuseIfHeld(file, lock, holder);
    await rm(moved, { force: true });
  } catch (error) {
    await rename(moved, lock);
    throw error;
  }
}

/** The process that a lock is of; null where it does not say, or is not there. */
async function readHolder(lock: string): Promise<number | null> {
  const text = await readFile(lock, 'utf8').catch(ignoreMissing);
  return Number(text) || null;
}

function refuseIfHeld(file: string, lock: string, holder: number | null): void {
  if (holder === null || !(holder === process.pid ? held.has(lock) : isRunning(holder))) return;
  throw new StateFileError(file, `the emulator of process ${holder} is using it (${lock} says so).`);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: there is one, of another user.
    return hasCode(error, 'EPERM');
  }
}

function ignoreMissing(error: unknown): undefined {
  if (!hasCode(error, 'ENOENT')) throw error;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
