import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../.ci/run', import.meta.url));

describe('.ci/run', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'penstock-test-'))));
  afterEach(() => rm(folder, { recursive: true }));

  /** Runs .ci/run with a fake `npm` that executes the given shell code for each command. Other commands succeed. */
  async function run(commands: {
    ci?: string;
    test?: string;
    check?: string;
  }): Promise<[string, number | null]> {
    const { ci = ':', test = ':', check = ':' } = commands;
    const npm = path.join(folder, 'npm');
    const cases = `case "$*" in ci) ${ci};; test) ${test};; 'run check') ${check};; *) exit 9;; esac`;
    await writeFile(npm, `#!/bin/sh\n${cases}\n`);
    await chmod(npm, 0o755);
    const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}`, CI: 'true' };
    const { stdout, status } = spawnSync(program, {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return [stdout.trimEnd().split('\n').at(-1) ?? '', status];
  }

  const report = (lines: string) => `printf '\\n  a suite\\n${lines}\\n'`;

  it('.ci/run: all tests and checks pass -> last line has the count, exit code 0', async () => {
    assert.deepEqual(await run({ test: report('\\n  412 passing (3m)\\n') }), ['412 passed, 0 failed', 0]);
  });

  it('.ci/run: a test fails -> exit code 1', async () => {
    const test = `${report('\\n  9 passing (2s)\\n  3 failing\\n\\n  1) a suite')}; exit 3`;
    assert.deepEqual(await run({ test }), ['9 passed, 3 failed', 1]);
  });

  it('.ci/run: a check fails -> exit code 1, tests are counted', async () => {
    const commands = { test: report('  5 passing (20ms)'), check: 'exit 1' };
    assert.deepEqual(await run(commands), ['5 passed, 0 failed', 1]);
  });

  it('.ci/run: no test runs -> exit code 1', async () => {
    assert.deepEqual(await run({ test: report('  0 passing (1ms)') }), ['0 passed, 0 failed', 1]);
    assert.deepEqual(await run({ ci: 'exit 1', test: report('  5 passing (20ms)') }), [
      '0 passed, 0 failed',
      1,
    ]);
  });

  it('.ci/run: npm test fails after its report -> exit code 1', async () => {
    assert.deepEqual(await run({ test: `${report('  5 passing (20ms)')}; exit 7` }), [
      '5 passed, 0 failed',
      1,
    ]);
  });

  it('.ci/run: coloured report, several reports -> counts of the last report', async () => {
    const test = report(
      '  1 passing (1ms)\\n\\033[92m \\033[0m\\033[32m 5 passing\\033[0m\\033[90m (2s)\\033[0m',
    );
    assert.deepEqual(await run({ test }), ['5 passed, 0 failed', 0]);
  });
});
