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
  it('startChild: output, exit code and pid -> those of the command', async () => {
    const child = startChild('/bin/sh', ['-c', 'echo $$; exit 7']);
    const exited = once(child.process, 'exit');
    assert.equal(await firstLine(child.process.stdout), String(child.process.pid));
    assert.deepEqual(await exited, [7, null]);
  });

  it('startChild: arguments, environment and folder -> passed unchanged', async () => {
    const child = startChild('/bin/sh', ['-c', 'echo "$1|$WORD|$PWD"', 'sh', 'a b;$(c)'], {
      env: { WORD: 'gate' },
      cwd: '/',
    });
    assert.equal(await firstLine(child.process.stdout), 'a b;$(c)|gate|/');
  });

  it('startChild: command does not exist -> exit code 127', async () => {
    const child = startChild('/nonexistent/program', []);
    assert.deepEqual(await once(child.process, 'exit'), [127, null]);
  });

  it('startChild: stop -> SIGTERM; stop again -> no effect', async () => {
    const child = startChild('sleep', ['600']);
    await child.stop();
    assert.equal(child.process.signalCode, 'SIGTERM');
    await child.stop();
  });

  it('startChild: child ignores SIGTERM -> SIGKILL after the grace period', async () => {
    const child = startChild('/bin/sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.1; done'], {
      graceMs: 200,
    });
    await firstLine(child.process.stdout);
    await child.stop();
    assert.equal(child.process.signalCode, 'SIGKILL');
  });

  it('startChild: the parent is killed -> the child and its children end', async () => {
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
