import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../../../src/cli/support/context.js';
import type { SwitchOptions } from '../../../src/switch.js';
import { penstock } from '../cli.js';

describe('penstock switch', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'penstock-cli-'))));
  afterEach(() => rm(folder, { recursive: true }));

  function runner(): { given: SwitchOptions[]; seen: string[] } & Pick<
    Context,
    'startSwitch' | 'waitForInterrupt'
  > {
    const given: SwitchOptions[] = [];
    const seen: string[] = [];
    return {
      given,
      seen,
      startSwitch: (options) => {
        given.push(options);
        const stop = () => Promise.resolve(void seen.push('stopped'));
        return Promise.resolve({ url: 'http://127.0.0.1:4711', port: 4711, stop });
      },
      waitForInterrupt: () => Promise.resolve('SIGTERM'),
    };
  }

  it('penstock switch: --config and flags -> flags override the file; stops at the signal', async () => {
    const file = join(folder, 'switch.yaml');
    await writeFile(file, 'listen: { port: 1 }\nretryOnBaseline: true\n');
    const { given, seen, ...context } = runner();
    const argv = [
      'switch',
      '--config',
      file,
      '--port',
      '4711',
      '--state',
      '/var/s',
      '--address',
      'a:1',
      '--json',
    ];
    const { exitCode, stdout, stderr } = await penstock(argv, context);
    assert.deepEqual([exitCode, stdout, seen], [0, '{"url":"http://127.0.0.1:4711"}\n', ['stopped']]);
    assert.match(stderr, /^Switch at http:\/\/127\.0\.0\.1:4711/);
    const [{ config, folder: base, address } = {} as SwitchOptions] = given;
    assert.deepEqual(
      [config.listen, config.retryOnBaseline, config.state],
      [{ host: '127.0.0.1', port: 4711 }, true, '/var/s'],
    );
    assert.deepEqual([base, address], [folder, 'a:1']);
  });

  it('penstock switch: no file -> the default configuration', async () => {
    const { given, startSwitch, waitForInterrupt } = runner();
    assert.equal((await penstock(['switch'], { startSwitch, waitForInterrupt })).exitCode, 0);
    assert.equal(given[0]?.config.listen.port, 4700);
  });

  it('penstock switch: invalid file -> exit code 2 and the place', async () => {
    const file = join(folder, 'switch.yaml');
    await writeFile(file, 'cohort: {}\n');
    const { exitCode, stderr } = await penstock(['switch', '--config', file]);
    assert.equal(exitCode, 2);
    assert.match(stderr, /switch\.yaml:1:1 cohort\n.*did you mean cohorts\?/);
  });
});
