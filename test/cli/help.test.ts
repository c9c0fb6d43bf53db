import assert from 'node:assert/strict';
import { penstock } from './cli.js';
import { assertSnapshot } from './snapshots.js';

const commands = [
  'lint',
  'plan',
  'backtest',
  'rehearse',
  'start',
  'watch',
  'status',
  'promote',
  'approve',
  'abort',
  'undo',
  'pause',
  'resume',
  'retry',
  'reverse',
  'list',
  'waves',
  'worker',
  'switch',
  'codec-server',
  'emulator',
  'setup',
];

describe('help', () => {
  for (const command of commands) {
    it(`penstock ${command} --help: begins with examples`, async () => {
      const { exitCode, stdout, stderr } = await penstock([command, '--help']);
      assert.equal(exitCode, 0);
      assert.equal(stderr, '');
      assert.match(stdout, /^Examples:\n {2}\$ /);
      assertSnapshot(`help-${command}`, stdout);
    });
  }

  it('penstock --help: lists every command and the exit codes', async () => {
    const { exitCode, stdout } = await penstock(['--help']);
    assert.equal(exitCode, 0);
    for (const command of commands) assert.match(stdout, new RegExp(`^ {2}${command} `, 'm'));
    assert.match(stdout, /13 rollbackFailed/);
  });
});
