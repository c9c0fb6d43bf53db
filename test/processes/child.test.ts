import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startChild } from '../../src/processes/child.js';
import { isAlive, waitUntilGone } from './liveness.js';

const parentProgram = fileURLToPath(new URL('./parent.ts', import.meta.url));

async function firstLine(stream: NodeJS.ReadableStream | null): Promise<string> {
  assert.ok(stream);
  const [chunk] = (await once(stream, 'data')) as [Buffer];
  return chunk.toString().trim();
}

describe('startChild', () => {
  it('runs the command itself: output, exit code and pid are its own', async () => {
    const child = startChild('/bin/sh', ['-c', 'echo $$; exit 7']);
    const exited = once(child.process, 'exit');
    assert.equal(await firstLine(child.process.stdout), String(child.process.pid));
    assert.deepEqual(await exited, [7, null]);
  });

  it('passes arguments, environment and folder untouched', async () => {
    const child = startChild('/bin/sh', ['-c', 'echo "$1|$WORD|$PWD"', 'sh', 'a b;$(c)'], {
      env: { WORD: 'gate' },
      cwd: '/',
    });
    assert.equal(await firstLine(child.process.stdout), 'a b;$(c)|gate|/');
  });

  it('ends with 127 where the command does not exist', async () => {
    const child = startChild('/nonexistent/program', []);
    assert.deepEqual(await once(child.process, 'exit'), [127, null]);
  });

  it('stops a child, and again without effect', async () => {
    const child = startChild('sleep', ['600']);
    await child.stop();
    assert.equal(child.process.signalCode, 'SIGTERM');
    await child.stop();
  });

  it('kills a child that ignores SIGTERM, after the grace period', async () => {
    const child = startChild('/bin/sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.1; done'], {
      graceMs: 200,
    });
    await firstLine(child.process.stdout);
    await child.stop();
    assert.equal(child.process.signalCode, 'SIGKILL');
  });

  it('takes the child and its own children along when the parent is killed', async () => {
    const parent = spawn(process.execPath, ['--import', 'tsx', parentProgram], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pids = (await firstLine(parent.stdout)).split(' ').map(Number);
    assert.equal(pids.length, 2);
    assert.ok(pids.every(isAlive));
    parent.kill('SIGKILL');
    for (const pid of pids) await waitUntilGone(pid);
  });
});
