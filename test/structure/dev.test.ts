import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { utimesSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { workerReady } from '../../src/worker-ready.js';
import { isAlive, waitUntilGone } from '../processes/liveness.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Only the workflow bundle contains this file: the watcher finds it by its pattern, not by an import. */
const sourceFile = `${root}src/workflows/steps/bake.ts`;

/** The processes below a process, at any depth. */
function descendantsOf(pid: number): number[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number));
  const childrenOf = (parent: number): number[] =>
    pairs.flatMap(([child = 0, of]) => (of === parent ? [child, ...childrenOf(child)] : []));
  return childrenOf(pid);
}

describe('npm run dev', () => {
  let dev: ChildProcess;
  let output = '';

  /** How many workers have reported that they are ready. */
  const countReady = () => output.split(workerReady).length - 1;

  async function waitForWorkers(count: number): Promise<void> {
    const deadline = Date.now() + 280_000;
    while (countReady() < count) {
      assert.equal(dev.exitCode ?? dev.signalCode, null, output);
      assert.ok(Date.now() < deadline, `expected ${count} workers, got ${countReady()}: ${output}`);
      await sleep(100);
    }
  }

  before(async () => {
    const env = { ...process.env };
    delete env['TEMPORAL_ADDRESS'];
    // In a process group of its own, which gets the signal of Ctrl-C as a whole.
    dev = spawn('npm', ['run', 'dev'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    for (const stream of [dev.stdout, dev.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
    await waitForWorkers(1);
  });

  after(() => {
    if (dev.pid !== undefined && dev.exitCode === null && dev.signalCode === null)
      process.kill(-dev.pid, 'SIGKILL');
  });

  it('npm run dev: a source file is touched -> the worker restarts', async () => {
    const before = countReady();
    const now = new Date();
    utimesSync(sourceFile, now, now);
    await waitForWorkers(before + 1);
  });

  it('npm run dev: SIGINT -> no process is left', async () => {
    const pid = dev.pid ?? 0;
    const below = descendantsOf(pid);
    assert.ok(below.length >= 4, `${below.length} processes`);
    const exited = once(dev, 'exit');
    process.kill(-pid, 'SIGINT');
    await exited;
    for (const each of below) await waitUntilGone(each);
    assert.equal(isAlive(pid), false);
  });
});
