/** tools/live-test/live-test.sh with the AWS CLI on the emulator. docs/live-test.md explains each of its probes. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmulator, type Emulator } from '../../src/emulator/emulator.js';
import { runTool } from '../../src/servers/run-tool.js';
import { pythonEnv } from '../support/python-env.js';
import { isolatedEnv } from './scripts.js';

const at = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));
const script = at('tools/live-test/live-test.sh');

describe('live test', function () {
  // The first start on a machine installs the AWS CLI.
  this.timeout(600_000);
  let emulator: Emulator;
  let answers: string;

  before(async () => {
    answers = await mkdtemp(path.join(tmpdir(), 'penstock-test-'));
    const pace = { creating: 1, updating: 1, shifting: 1, deleting: 0.5 };
    emulator = await startEmulator({ pace, lateMs: 200 });
  });
  after(async () => {
    await emulator.stop();
    await rm(answers, { recursive: true });
  });

  async function run(step: string): Promise<void> {
    const { aws } = await pythonEnv();
    await runTool(script, [step], {
      env: isolatedEnv({
        ...emulator.env,
        PATH: `${path.dirname(aws)}${path.delimiter}${process.env['PATH'] ?? ''}`,
        ...{ ROLE: 'arn:aws:iam::123456789012:role/penstock-sagemaker', IMAGE: 'simulated/model' },
        ...{ MODEL_DATA: 's3://bucket/model.tar.gz', ANSWERS: answers, POLL_SECONDS: '1' },
      }),
    });
  }

  it('live test: probes of the script -> docs/live-test.md explains each, and no other', async () => {
    const [code, docs] = await Promise.all(
      [script, at('docs/live-test.md')].map((file) => readFile(file, 'utf8')),
    );
    const probes = [...(code ?? '').matchAll(/^ {2}probe(?:_config)? ([a-z-]+) /gm)].map(
      ([, name = '']) => name,
    );
    const explained = [...(docs ?? '').matchAll(/^\| `([^|]+)` +\|/gm)].flatMap(([, cell = '']) =>
      cell.split('`, `'),
    );
    const steps = ['free', 'endpoint', 'scaling', 'rollouts'];
    assert.deepEqual(explained.filter((name) => !steps.includes(name)).sort(), probes.sort());
  });

  it('live test: free on the emulator -> an answer to each probe, and cleanup leaves nothing', async () => {
    await run('free');
    const found = (await readdir(answers)).map((file) => path.parse(file).name);
    assert.ok(found.includes('quotas') && found.includes('managed-scaling'), found.join());
    assert.equal(emulator.calls.count('CreateEndpoint'), 0);
    await run('cleanup');
    assert.equal(emulator.calls.count('CreateModel'), emulator.calls.count('DeleteModel'));
    assert.equal(
      emulator.calls.count('CreateEndpointConfig', 'ok'),
      emulator.calls.count('DeleteEndpointConfig'),
    );
  });
});
