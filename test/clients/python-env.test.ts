import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ProgramNotFound } from '../../src/servers/find-program.js';
import { runTool } from '../../src/servers/run-tool.js';
import { findPythonEnv, pythonEnv } from '../support/python-env.js';

describe('Python environment', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'penstock-test-'))));
  afterEach(() => rm(folder, { recursive: true }));

  function assertRejected(name: string, reason: string): Promise<void> {
    return assert.rejects(
      () => findPythonEnv(folder, () => undefined, name),
      (error: Error) =>
        error instanceof ProgramNotFound &&
        error.message.includes(reason) &&
        error.message.includes('install Python 3.10 or later with venv'),
    );
  }

  it('Python environment: first use -> installed with the pinned versions', async () => {
    const { python, aws } = await pythonEnv();
    const print = 'import boto3, moto; print(boto3.__version__, moto.__version__)';
    assert.equal((await runTool(python, ['-c', print])).trim(), '1.44.5 5.2.5');
    assert.match(await runTool(aws, ['--version']), /^aws-cli\/1\.46\.3 /);
  }).timeout(600_000);

  it('Python environment: no Python -> error with the tried program and what to install', async () => {
    await assertRejected('no-such-python', 'no-such-python is not on PATH');
  });

  it('Python environment: Python too old -> error with its version', async () => {
    const old = path.join(folder, 'old-python');
    await writeFile(old, '#!/bin/sh\necho 3.9\n');
    await chmod(old, 0o755);
    await assertRejected(old, `${old} is Python 3.9`);
  });
});
