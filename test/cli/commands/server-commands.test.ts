import assert from 'node:assert/strict';
import type { CliEmulatorOptions, CliWorkerOptions } from '../../../src/cli/support/context.js';
import { connectTo, penstock } from '../cli.js';

describe('penstock setup', () => {
  it('penstock setup: prints the registered and the existing attributes', async () => {
    const registration = { namespace: 'ml', added: ['RolloutPhase'], present: ['RolloutEndpoint'] };
    const setup = () => Promise.resolve(registration);
    const { exitCode, stdout } = await penstock(['setup'], connectTo({ setup }));
    assert.equal(exitCode, 0);
    assert.equal(stdout, 'registered in ml: RolloutPhase\nalready in ml: RolloutEndpoint\n');
    const json = await penstock(['setup', '--json'], connectTo({ setup }));
    assert.deepEqual(JSON.parse(json.stdout), registration);
  });
});

describe('penstock worker', () => {
  it('penstock worker: --poll-interval and --address -> passed on; logs go to stderr', async () => {
    let given: CliWorkerOptions = {};
    const runWorker = (options: CliWorkerOptions) => {
      given = options;
      options.log?.('worker ready');
      return Promise.resolve();
    };
    const argv = ['worker', '--poll-interval', '1m30s', '--address', 'a:1'];
    const { exitCode, stdout, stderr } = await penstock(argv, { runWorker });
    assert.deepEqual([exitCode, stdout, stderr], [0, '', 'worker ready\n']);
    assert.deepEqual([given.pollSeconds, given.address, given.namespace], [90, 'a:1', undefined]);
  });
});

describe('penstock worker --build-id', () => {
  async function versionOf(...flags: string[]) {
    let given: CliWorkerOptions = {};
    const runWorker = (options: CliWorkerOptions) => Promise.resolve(void (given = options));
    const { exitCode, stderr } = await penstock(['worker', ...flags], { runWorker });
    return { exitCode, stderr, version: given.version };
  }

  it('penstock worker: --build-id -> rollouts are pinned to the version', async () => {
    const { version } = await versionOf('--build-id', '1.4.0');
    assert.deepEqual(version, { deployment: 'penstock', buildId: '1.4.0', versioningBehavior: 'pinned' });
  });

  it('penstock worker: --auto-upgrade -> rollouts move to the current version', async () => {
    const { version } = await versionOf('--build-id', '7', '--deployment', 'eu', '--auto-upgrade');
    assert.deepEqual(version, { deployment: 'eu', buildId: '7', versioningBehavior: 'autoUpgrade' });
  });

  it('penstock worker: no --build-id -> no version', async () => {
    assert.equal((await versionOf()).version, undefined);
  });

  for (const flags of [['--auto-upgrade'], ['--deployment', 'eu']]) {
    it(`penstock worker: ${flags[0]} without --build-id -> exit code 2`, async () => {
      const { exitCode, stderr, version } = await versionOf(...flags);
      assert.deepEqual([exitCode, version], [2, undefined]);
      assert.match(stderr, /--build-id/);
    });
  }
});

describe('penstock emulator', () => {
  it('penstock emulator: prints variables to export, and a summary after Ctrl-C', async () => {
    const seen: unknown[] = [];
    const outcomes = { ok: 2, throttled: 1, rejected: 0, failed: 0, lost: 0 };
    const summary = { operation: 'CreateModel', calls: 3, ...outcomes };
    const startEmulator = (options: CliEmulatorOptions) => {
      seen.push(options);
      const stop = () => Promise.resolve(void seen.push('stopped'));
      const url = 'http://127.0.0.1:4600';
      return Promise.resolve({
        url,
        env: { AWS_ENDPOINT_URL_SAGEMAKER: url, AWS_REGION: 'us-east-1' },
        calls: { summarize: () => [summary] },
        stop,
      });
    };
    const argv = ['emulator', '--port', '4600', '--pace', 'real', '--seed', '7'];
    const { exitCode, stdout, stderr } = await penstock(argv, {
      startEmulator,
      waitForInterrupt: () => Promise.resolve('SIGINT'),
    });
    assert.equal(exitCode, 0);
    assert.equal(
      stdout,
      'export AWS_ENDPOINT_URL_SAGEMAKER=http://127.0.0.1:4600\nexport AWS_REGION=us-east-1\n',
    );
    assert.equal(
      stderr,
      [
        'Emulator at http://127.0.0.1:4600; Ctrl-C stops it.',
        'Pace real, seed 7, quotas not enforced.',
        'operation    calls  ok  throttled  rejected  failed  lost',
        'CreateModel  3      2   1          0         0       0',
        '',
      ].join('\n'),
    );
    assert.deepEqual(seen, [{ port: 4600, pace: 'real', seed: 7 }, 'stopped']);
  });
});
