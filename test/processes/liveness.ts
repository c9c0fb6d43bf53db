import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** True if a process runs. A zombie (state Z) does not. */
export function isAlive(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
}

/** Fails when the process still runs after minutes: the machine may be busy. */
export async function waitUntilGone(pid: number): Promise<void> {
  const deadline = Date.now() + 200_000;
  while (isAlive(pid)) {
    if (Date.now() > deadline) throw new Error(`process ${pid} still runs`);
    await sleep(50);
  }
}
