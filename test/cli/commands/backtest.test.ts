import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BacktestReport } from '../../../src/cli/view/backtest-report.js';
import { workflowBundle } from '../../support/workflow-bundle.js';
import { workflowSandbox } from '../../support/workflow-sandbox.js';
import { penstock as run } from '../cli.js';
import { assertSnapshot } from '../snapshots.js';

const folder = new URL('../../../examples/backtest/', import.meta.url);
const example = (name: string) => fileURLToPath(new URL(name, folder));
const [windows, timeline] = [example('windows.csv'), example('timeline.json')];
const [stricter, asItWas] = [example('rollout.yaml'), example('as-it-was.yaml')];

const penstock = (argv: string[]) =>
  run(argv, { loadWorkflowSandbox: async () => workflowSandbox(await workflowBundle()) });

describe('penstock backtest', () => {
  let own: string;
  beforeEach(() => (own = mkdtempSync(join(tmpdir(), 'penstock-test-'))));
  afterEach(() => rmSync(own, { recursive: true }));

  function write(name: string, text: string): string {
    writeFileSync(join(own, name), text);
    return join(own, name);
  }

  it('penstock backtest: windows and a timeline -> the decisions, and the differences from the timeline', async () => {
    const { exitCode, stdout, stderr } = await penstock(['backtest', stricter, windows, timeline]);
    assert.deepEqual([exitCode, stderr], [10, '']);
    assertSnapshot('backtest', stdout);
  });

  it('penstock backtest: the spec of the rollout -> the decision of the rollout', async () => {
    const { exitCode, stdout } = await penstock(['backtest', asItWas, timeline, windows, '--json']);
    const { differences, outcome } = JSON.parse(stdout) as BacktestReport;
    assert.equal(exitCode, 10);
    assert.deepEqual([outcome.at, outcome.by], ['2026-11-02T14:27:00.000Z', 'errorRate']);
    assert.deepEqual(
      differences.map(({ guardrail }) => guardrail),
      [null, 'errorRate'],
    );
    assert.match(differences[0]?.message ?? '', /, the same$/);
  });

  it('penstock backtest: --json -> one document with the whole report', async () => {
    const { stdout } = await penstock(['backtest', stricter, windows, '--json']);
    const report = JSON.parse(stdout) as BacktestReport;
    assert.deepEqual(Object.keys(report).sort(), [
      'actual',
      'data',
      'differences',
      'endpoint',
      'firstDecisions',
      'notices',
      'outcome',
      'stages',
      'timeline',
    ]);
    assert.equal(report.actual, null);
    assert.deepEqual(report.data, {
      from: '2026-11-02T10:00:00.000Z',
      to: '2026-11-02T14:25:00.000Z',
      periodSeconds: 300,
      rows: 106,
    });
  });

  it('penstock backtest: promoted -> exit code 0, held -> 12', async () => {
    const healthy = readFileSync(windows, 'utf8').trim().split('\n').slice(0, 61).join('\n');
    const spec = readFileSync(stricter, 'utf8');
    const short = write('short.yaml', spec.replace('bake: 1h', 'bake: 10m'));
    const unshared = write('a.csv', healthy.replace('share', 'note'));
    assert.equal((await penstock(['backtest', short, unshared])).exitCode, 0);
    assert.equal((await penstock(['backtest', stricter, write('b.csv', healthy)])).exitCode, 12);
  });

  it('penstock backtest: --exclude or an alarm -> a notice on stderr', async () => {
    const spec = readFileSync(stricter, 'utf8').replace('guardrails:', 'guardrails:\n  - alarm: churn-5xx');
    const argv = ['backtest', write('a.yaml', spec), windows, '--exclude', 'latency-p99'];
    const { exitCode, stdout, stderr } = await penstock(argv);
    assert.equal(exitCode, 10);
    assert.match(
      stdout,
      /would have rolled back at 2026-11-02 12:47: error rate: since 2026-11-02 12:35 UTC candidate /,
    );
    assert.match(stderr, /alarm:churn-5xx is not judged: the data has no alarm states/);
    assert.match(stderr, /latency-p99 is excluded/);
  });

  const rejections: [string, () => string[], RegExp][] = [
    [
      '--exclude with an unknown rule',
      () => [stricter, windows, '--exclude', 'nothing'],
      /has no rule nothing; it has errorRate, /,
    ],
    ['a missing CSV file', () => [stricter, join(own, 'none.csv')], /^Cannot read the data: .*none\.csv/],
    ['a missing JSON file', () => [stricter, join(own, 'none.json')], /^Cannot read the data: .*none\.json/],
    ['a timeline without windows', () => [stricter, timeline], /no metrics to judge; add a file of windows/],
    ['two files of windows', () => [stricter, windows, windows], /Expected one file of windows/],
    [
      'a missing column',
      () => [stricter, write('a.csv', 'start,role\n2026-11-02T10:00:00Z,candidate')],
      /a\.csv Invocations\n {2}There is no column Invocations/,
    ],
  ];
  for (const [input, argv, expected] of rejections) {
    it(`penstock backtest: ${input} -> exit code 2 and the reason`, async () => {
      const { exitCode, stdout, stderr } = await penstock(['backtest', ...argv()]);
      assert.deepEqual([exitCode, stdout], [2, '']);
      assert.match(stderr, expected);
    });
  }

  it('examples/backtest: generate.mjs -> writes exactly the committed files', () => {
    const script = join(own, 'generate.mjs');
    copyFileSync(example('generate.mjs'), script);
    execFileSync(process.execPath, [script]);
    for (const name of ['windows.csv', 'timeline.json'])
      assert.equal(readFileSync(join(own, name), 'utf8'), readFileSync(example(name), 'utf8'));
  });
});
