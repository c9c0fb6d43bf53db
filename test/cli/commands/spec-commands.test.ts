import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { RolloutAlreadyRunning, SpecTooLarge, type SpecJson } from '../../../src/client.js';
import { connectTo, penstock, resultOf, rolloutOf, type Calls } from '../cli.js';
import { bakingStatus } from '../../client/rollouts/statuses.js';
import { assertSnapshot } from '../snapshots.js';

const valid = fileURLToPath(new URL('../specs/valid.yaml', import.meta.url));
const invalid = fileURLToPath(new URL('../specs/invalid.yaml', import.meta.url));
const started = { endpoint: 'digits', workflowId: 'rollout:digits', runId: 'run-1' };

describe('penstock lint', () => {
  it('penstock lint: valid spec -> exit code 0', async () => {
    const { exitCode, stdout } = await penstock(['lint', valid]);
    assert.equal(exitCode, 0);
    assert.equal(stdout, `✔ ${valid} is a valid spec\n`);
  });

  it('penstock lint: invalid spec -> place, found and allowed values of each problem', async () => {
    const { exitCode, stdout } = await penstock(['lint', invalid]);
    assert.equal(exitCode, 2);
    assertSnapshot('lint-invalid', stdout.replaceAll(invalid, 'invalid.yaml'));
  });

  it('penstock lint: --json -> the problems as JSON', async () => {
    const { exitCode, stdout } = await penstock(['lint', invalid, '--json']);
    const report = JSON.parse(stdout) as { valid: boolean; problems: { line: number; path: string }[] };
    assert.equal(exitCode, 2);
    assert.equal(report.valid, false);
    assert.ok(report.problems.some(({ line, path }) => line === 7 && path === 'strategy.canary.stps'));
  });
});

describe('penstock plan', () => {
  it('penstock plan: valid spec -> every step with its times, and the totals', async () => {
    const { exitCode, stdout } = await penstock(['plan', valid]);
    assert.equal(exitCode, 0);
    assertSnapshot('plan', stdout);
  });

  it('penstock plan: settings as AWS writes them -> their names, without values of the environment', async () => {
    const spec = 'examples/llm-settings.yaml';
    const { stdout } = await penstock(['plan', spec]);
    assert.match(
      stdout,
      /model of the candidate +PrimaryContainer, environment: OPTION_MAX_MODEL_LEN, OPTION_/,
    );
    assert.match(stdout, /new variants +ContainerStartupHealthCheckTimeoutInSeconds, /);
    const { stdout: json } = await penstock(['plan', spec, '--json']);
    assert.match(json, /"OPTION_MAX_MODEL_LEN":"\*\*\*"/);
    assert.doesNotMatch(stdout + json, /16384/);
  });

  it('penstock plan: newest version of a group -> says so, and what is recorded afterwards', async () => {
    const { exitCode, stdout } = await penstock(['plan', 'examples/registry-group.yaml']);
    assert.equal(exitCode, 0);
    assert.match(
      stdout,
      /\nModel registry\n +candidate +the newest approved version of churn, chosen once, at the start\n/,
    );
    assert.match(stdout, /\n +if promoted +marks of the rollout, stage Production: Live\n/);
    assert.match(stdout, /\n +if rolled back +marks of the rollout, stage Production: RolledBack\n/);
  });

  it('penstock plan: invalid spec -> exit code 2, problems on stderr', async () => {
    const { exitCode, stdout, stderr } = await penstock(['plan', invalid]);
    assert.deepEqual([exitCode, stdout], [2, '']);
    assert.match(stderr, /invalid\.yaml:7:13 strategy\.canary\.stps/);
  });

  it('penstock plan: --requests-per-hour -> requests of each step, and a warning for too few', async () => {
    const argv = ['plan', valid, '--requests-per-hour', '20000'];
    const { exitCode, stdout } = await penstock(argv);
    assert.equal(exitCode, 0);
    assertSnapshot('plan-traffic', stdout);
    const json = JSON.parse((await penstock([...argv, '--json'])).stdout) as {
      traffic: { steps: unknown[] };
    };
    assert.equal(json.traffic.steps.length, 5);
  });

  it('penstock plan: --json -> plan and schedule', async () => {
    const { stdout } = await penstock(['plan', valid, '--json']);
    const { plan, schedule } = JSON.parse(stdout) as {
      plan: { endpoint: string };
      schedule: { rows: unknown[] };
    };
    assert.equal(plan.endpoint, 'digits');
    assert.ok(schedule.rows.length > 4);
  });
});

describe('penstock start', () => {
  it('penstock start: golden file -> its records are in the spec; prints how to follow', async () => {
    let spec: unknown = null;
    const calls: Calls = [];
    const start = (given: SpecJson) => {
      spec = given;
      return Promise.resolve(started);
    };
    const argv = ['start', valid, '--address', 'a:1', '--namespace', 'n', '--profile', 'p'];
    const { exitCode, stdout, stderr } = await penstock(argv, connectTo({ start }, calls));
    assert.equal(exitCode, 0);
    assert.equal(stdout, 'rollout:digits\n');
    assert.match(stderr, /penstock watch digits/);
    assert.equal(calls[0], 'connect {"address":"a:1","namespace":"n","profile":"p"}');
    assert.match(calls[1] ?? '', /\{"startedBy":"tester@host"\}$/);
    assert.equal(calls.at(-1), 'close');
    const { validate } = spec as { validate: { golden: { records: unknown[] } } };
    assert.deepEqual(validate.golden.records, [{ body: { pixels: [0, 1] }, expect: { digit: 7 } }]);
  });

  it('penstock start: invalid spec -> starts nothing', async () => {
    const calls: Calls = [];
    const { exitCode } = await penstock(['start', invalid], connectTo({}, calls));
    assert.equal(exitCode, 2);
    assert.deepEqual(calls, []);
  });

  it('penstock start: actor -> from --actor, then from PENSTOCK_ACTOR', async () => {
    const calls: Calls = [];
    const start = () => Promise.resolve(started);
    const context = { ...connectTo({ start }, calls), env: { PENSTOCK_ACTOR: 'ci' } };
    await penstock(['start', valid], context);
    await penstock(['start', valid, '--actor', 'ada'], context);
    const starts = calls.filter((call) => call.startsWith('start'));
    assert.deepEqual(
      starts.map((call) => /"startedBy":"(\w+)"/.exec(call)?.[1]),
      ['ci', 'ada'],
    );
  });

  it('penstock start: --task-queue -> the rollout is started on that queue', async () => {
    const calls: Calls = [];
    const start = () => Promise.resolve(started);
    await penstock(['start', valid, '--task-queue', 'penstock-us'], connectTo({ start }, calls));
    assert.match(calls.find((call) => call.startsWith('start')) ?? '', /"taskQueue":"penstock-us"/);
  });

  for (const name of ['', 'two words', 'q'.repeat(201)])
    it(`penstock start: --task-queue with ${name.length} characters, ${/\s/.test(name) ? 'spaces' : 'no spaces'} -> exit code 2`, async () => {
      const { exitCode, stderr } = await penstock(['start', valid, '--task-queue', name]);
      assert.equal(exitCode, 2);
      assert.match(stderr, /Expected the name of a task queue/);
    });

  it('penstock start: spec is too large for Temporal -> exit code 2', async () => {
    const start = () => Promise.reject(new SpecTooLarge('digits', 1_700_000, 1_600_000));
    const { exitCode, stderr } = await penstock(['start', valid], connectTo({ start }));
    assert.equal(exitCode, 2);
    assert.match(
      stderr,
      /^The spec of digits has 1700000 bytes of JSON, more than 1600000\. Nothing was started\./,
    );
  });

  it('penstock start: a rollout of the endpoint is running -> exit code 1', async () => {
    const running = new RolloutAlreadyRunning('digits', 'rollout:digits', 'run-0', 'baking', 'bob');
    const start = () => Promise.reject(running);
    const { exitCode, stderr } = await penstock(['start', valid], connectTo({ start }));
    assert.equal(exitCode, 1);
    assert.match(stderr, /already running \(rollout:digits\), phase baking, started by bob/);
  });

  it('penstock start: --wait -> progress on stderr, result on stdout, exit code of the outcome', async () => {
    const result = { outcome: 'rolledBack' as const, reason: 'error rate 4 % is not < 1 %' };
    const rollout = rolloutOf([bakingStatus()], result);
    const start = () => Promise.resolve(started);
    const { exitCode, stdout, stderr } = await penstock(
      ['start', valid, '--wait', '--json'],
      connectTo({ ...rollout, start }),
    );
    assert.equal(exitCode, 10);
    assert.deepEqual(JSON.parse(stdout), resultOf(result));
    assert.match(stderr, /✔ errorRate: error rate 0.42 % < 1 %, window 3 of 6/);
  });

  it('penstock start: --wait and Ctrl-C -> the rollout keeps running', async () => {
    const { get } = rolloutOf([bakingStatus(), bakingStatus(), bakingStatus()], {});
    const start = () => Promise.resolve(started);
    const wait = () => new Promise<never>(() => undefined);
    const { exitCode, stdout, stderr } = await penstock(['start', valid, '--wait'], {
      ...connectTo({ start, wait, get: get! }),
      waitForInterrupt: () => Promise.resolve('SIGINT'),
    });
    assert.equal(exitCode, 130);
    assert.equal(stdout, '');
    assert.match(stderr, /keeps running\. Follow it with `penstock watch digits`/);
  });
});
