import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CliEmulatorOptions } from '../../../src/cli/support/context.js';
import { startEmulator } from '../../../src/emulator/emulator.js';
import { penstock } from '../../cli/cli.js';

/** Options with which the command starts an emulator. The emulator is stopped at once. */
async function optionsOf(...argv: string[]): Promise<CliEmulatorOptions> {
  const given: CliEmulatorOptions[] = [];
  const { exitCode, stderr } = await penstock(['emulator', ...argv], {
    startEmulator(options) {
      given.push(options);
      return startEmulator(options);
    },
    waitForInterrupt: () => Promise.resolve('SIGINT'),
  });
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /No calls\.\n$/);
  return given[0] ?? {};
}

describe('emulator files', () => {
  it('emulator files: the examples -> valid, and an emulator starts with them', async () => {
    const files = [
      '--scenario',
      'examples/emulator/scenario.yaml',
      '--faults',
      'examples/emulator/faults.yaml',
    ];
    const options = await optionsOf(...files, '--enforce-quotas', '--account', '000000000001');
    assert.equal(options.faults?.length, 7);
    assert.equal(options.behaviours?.[1]?.errorRate, 0.002);
    assert.deepEqual(options.behaviours?.[1]?.when?.[2]?.users, { from: 0, to: 0.02 });
    assert.deepEqual(options.quotas, { DescribeEndpoint: 10 });
    assert.deepEqual([options.enforceQuotas, options.account], [true, '000000000001']);
  });

  it('state file: not of an emulator -> rejected', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'penstock-files-'));
    const file = join(folder, 'state.json');
    await writeFile(file, '{}');
    const { exitCode, stderr } = await penstock(['emulator', '--state', file], { startEmulator });
    await rm(folder, { recursive: true });
    assert.equal(exitCode, 2);
    assert.match(stderr, /Cannot use .*state\.json: it is not the state of an emulator/);
  });

  const wrong: Record<string, [option: string, text: string, message: RegExp]> = {
    'a misspelt field': [
      '--faults',
      'faults:\n  - { operation: X, kind: slow, second: 3 }\n',
      /wrong\.yaml:2:33 faults\[0\]\.second\n {2}There is no field second; did you mean seconds\?/,
    ],
    'an unknown kind of fault': [
      '--faults',
      'faults:\n  - { operation: X, kind: fire }\n',
      /2:27 faults\[0\]\.kind\n[^\n]*\n {2}found: {3}"fire"\n {2}allowed: throttle, error500/,
    ],
    'an invalid time': [
      '--faults',
      'faults:\n  - { operation: X, kind: slow, from: noon }\n',
      /2:39 faults\[0\]\.from\n[^\n]*\n {2}found: {3}"noon"\n {2}allowed: a time after the start such as 2h30m/,
    ],
    'a rate above 1': [
      '--scenario',
      'models:\n  - model: a\n    errorRate: 5\n',
      /3:16 models\[0\]\.errorRate\n[^\n]*\n {2}found: {3}5\n {2}allowed: from 0 to 1/,
    ],
    'a metric in the namespace of AWS': [
      '--scenario',
      'models:\n  - model: a\n    conversionMetric: { namespace: AWS/X, name: a, per: b }\n',
      /3:36 models\[0\]\.conversionMetric\.namespace/,
    ],
  };
  for (const [problem, [option, text, message]] of Object.entries(wrong)) {
    it(`emulator files: ${problem} -> rejected with file, place, value and allowed values`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'penstock-files-'));
      const file = join(folder, 'wrong.yaml');
      await writeFile(file, text);
      const { exitCode, stderr } = await penstock(['emulator', option, file]);
      await rm(folder, { recursive: true });
      assert.equal(exitCode, 2);
      assert.match(stderr, message);
    });
  }
});
