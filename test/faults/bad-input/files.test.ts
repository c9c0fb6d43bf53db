/** All other input files. If a file is invalid, the command exits with code 2 and starts nothing. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import { workflowType, type RolloutResult } from '../../../src/workflows/messages.js';
import { connectTo, penstock } from '../../cli/cli.js';
import { readExample } from '../../plan/examples.js';
import { createCompileRollout } from '../../../src/activities/planning/compile-spec.js';
import { FakeActivities } from '../../workflows/fake-activities.js';
import { withRollout } from '../../workflows/harness.js';
import { seed } from '../seed.js';
import { randomCases, times, type RandomCase } from './random-input.js';
import { assertForm } from './message-form.js';
import { textMutations } from './spec-texts.js';

const main = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));
const windows = readExample('backtest/windows.csv');
const switchConfig = readExample('switch/switch.yaml');

type Mutate = (random: RandomCase) => string;
const replace = (text: string, from: RegExp, all: readonly string[]): Mutate => {
  return (random) => text.replace(from, random.oneOf(all));
};

/** Switch configurations in which one field has an invalid value. */
const switchFiles: Record<string, Mutate> = {
  'a port': replace(switchConfig, /port: 4700/, [
    'port: 70000',
    'port: -1',
    'port: "80"',
    'port: 1.5',
    'port: .nan',
    'prot: 1',
  ]),
  'a user': replace(switchConfig, /header: x-user-id/, [
    'header: "a b"',
    'header: "a\\0"',
    'header: []',
    'field: "a..b"',
    'cookie: "a;b"',
    'haeder: x',
    `field: ${'a.'.repeat(40_000)}`,
  ]),
  'a size': replace(switchConfig, /body: 6MB/, [
    'body: 6',
    'body: 6 MB',
    'body: 0MB',
    'body: -6MB',
    'body: 9999999MB',
    'body: 6TB',
  ]),
  'a cohort': replace(switchConfig, /country: \[JP, KR\]/, [
    'country: [jp]',
    'country: JP',
    'country: [NO, 1]',
    '{}: 1',
    'users: [""]',
    'users: [a], country: [JP]',
  ]),
  'an endpoint': replace(switchConfig, /endpoints: \[shop\]/, [
    'endpoints: [-a]',
    'endpoints: shop',
    `endpoints: [${'x'.repeat(64)}]`,
    'endpoints: ["a/../b"]',
    'endpoints: {a: 1}',
    'endponits: []',
    '__proto__: []',
  ]),
  'a duration': replace(switchConfig, /within: 7d/, [
    'within: 7',
    'within: 7w',
    'within: -1d',
    'within: 1e9d',
    'within: 0s',
    `within: ${'1d'.repeat(20_000)}`,
  ]),
};

const header = windows.split('\n')[0] ?? '';
const row = (text: string) => `${header}\n${text}\n`;
const start = '2026-11-02T10:00:00Z';

/** Recorded metrics as CSV without a valid row. */
const dataFiles: Record<string, Mutate> = {
  'a time': (random) =>
    row(
      `${random.oneOf(['yesterday', '2026-11-02', '2026-13-02T10:00:00Z', '0', '', '\0', '2026-11-02T10:00:00', '9'.repeat(10_000)])},baseline,5,1,0,1`,
    ),
  'a role': (random) =>
    row(
      `${start},${random.oneOf(['Baseline', 'canary', '', '__proto__', '\u001b[2J', 'x'.repeat(100_000)])},5,1,0,1`,
    ),
  'a number': (random) =>
    row(
      `${start},baseline,5,${random.oneOf(['-1', 'NaN', '1e400', 'Infinity', '0x10', 'many', '1_000', '\ud800', '1'.repeat(400)])},0,1`,
    ),
  'a share': (random) => row(`${start},baseline,${random.oneOf(['101', '-1', '5%', 'x', '1e9'])},1,0,1`),
  'a row': (random) =>
    row(
      random.oneOf([
        'a',
        `${start},baseline`,
        `${start},baseline,5,1,0,1,7`,
        '"',
        `"${start},baseline`,
        ','.repeat(200_000),
      ]),
    ),
  'a header': (random) =>
    random.oneOf([
      '',
      '\n\n',
      'start,start\n',
      'x\n1\n',
      '"\n',
      `${'a,'.repeat(50_000)}\n`,
      '\0\0\0',
      `start,role\n${start},baseline\n`,
      '\ufeff',
    ]),
};

/** Recorded metrics as JSON, invalid. */
const jsonFiles: Record<string, Mutate> = {
  JSON: (random) =>
    random.oneOf(['{', '', '[', '{"windows":', '\0', 'NaN', '['.repeat(100_000), '{"a":'.repeat(50_000)]),
  'a document': (random) =>
    random.oneOf([
      '{}',
      '1',
      'null',
      '"x"',
      '{"window":[]}',
      '{"windows":{}}',
      '[]',
      '{"__proto__":[]}',
      '{"windows":[]}',
    ]),
  windows: (random) =>
    JSON.stringify({
      windows: [
        random.oneOf([
          1,
          null,
          [],
          {},
          'x',
          { start: 1 },
          { start, role: {} },
          { start, role: 'baseline', Invocations: '1e400' },
          { start, role: 'baseline', Invocations: [] },
        ]),
      ],
    }),
  'a period': (random) =>
    JSON.stringify({
      periodSeconds: random.oneOf(['60', {}, [], true]),
      windows: [{ start, role: 'baseline' }],
    }),
  'a timeline': (random) =>
    JSON.stringify({
      timeline: [
        random.oneOf([
          1,
          null,
          {},
          { at: 'x', kind: 'verdict', message: 'x' },
          { at: start, kind: 'verdict', message: 'x', verdicts: [{}] },
        ]),
      ],
    }),
  'a history': (random) =>
    JSON.stringify({ events: [random.oneOf([1, null, {}, { eventId: 1 }, { eventId: 1, eventTime: 'x' }])] }),
};

const perKind = 12 * times;

describe(`invalid files (PENSTOCK_SEED=${seed})`, () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'penstock-bad-input-'))));
  after(() => rm(folder, { recursive: true }));

  async function assertRejected(argv: string[], name: string, text: string, context: string): Promise<void> {
    await writeFile(join(folder, name), text);
    const { exitCode, stdout, stderr } = await penstock(
      argv.map((word) => (word === name ? join(folder, name) : word)),
    );
    const output = (stderr + stdout).trimEnd();
    assert.equal(exitCode, 2, `${context}: exit code ${exitCode}: ${output.slice(0, 600)}`);
    assert.doesNotMatch(output, /Unexpected error|at \S+ \(.*:\d+:\d+\)/, context);
    assert.match(output, /allowed: \S|cannot be read/, `${context}: ${output.slice(0, 600)}`);
    assert.ok(output.length < 60_000, `${context}: ${output.length} characters`);
    assert.doesNotMatch(output, /(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/u, context);
  }

  const kinds: [string, Record<string, Mutate>, string, string[]][] = [
    ['a switch configuration', switchFiles, 'switch.yaml', ['switch', '--config', 'switch.yaml']],
    ['recorded metrics', dataFiles, 'data.csv', ['backtest', 'examples/backtest/as-it-was.yaml', 'data.csv']],
    [
      'recorded metrics as JSON',
      jsonFiles,
      'data.json',
      ['backtest', 'examples/backtest/as-it-was.yaml', 'data.json'],
    ],
  ];
  for (const [what, files, name, argv] of kinds)
    for (const [kind, mutate] of Object.entries(files))
      it(`${what}: ${perKind} files with an invalid part (${kind}) -> exit code 2`, async () => {
        for (const random of randomCases(perKind, what + kind)) {
          const text = mutate(random);
          await assertRejected(argv, name, text, `${what}, ${kind}: ${JSON.stringify(text.slice(0, 300))}`);
        }
      });

  it('penstock start: invalid spec -> exit code 2 without a connection to Temporal', async () => {
    const calls: string[] = [];
    for (const [kind, mutation] of Object.entries(textMutations)) {
      const [random] = randomCases(1, `start ${kind}`);
      const file = join(folder, 'spec.yaml');
      await writeFile(file, random ? mutation.mutate(readExample('gates.yaml'), random) : '');
      const { exitCode, stderr } = await penstock(['start', file], connectTo({}, calls));
      assert.equal(exitCode, 2, `${kind}: ${stderr.slice(0, 500)}`);
    }
    assert.deepEqual(calls, []);
  });

  it('penstock process: invalid spec -> exit code 2 with the problems on stderr', async () => {
    const file = join(folder, 'spec.yaml');
    // If it tried to connect, it would exit with 1.
    const env = { ...process.env, TEMPORAL_ADDRESS: '127.0.0.1:1' };
    for (const kind of ['duplicate keys', 'expanding aliases', 'no spec']) {
      const [random] = randomCases(1, `program ${kind}`);
      const text = random ? (textMutations[kind]?.mutate(readExample('gates.yaml'), random) ?? '') : '';
      await writeFile(file, text);
      const run = promisify(execFile)(process.execPath, ['--import', 'tsx', main, 'start', file], { env });
      await assert.rejects(run, (error: { code?: number; stderr?: string }) => {
        assert.equal(error.code, 2, error.stderr);
        assertForm((error.stderr ?? '').trimEnd(), file, text.split(/\r\n?|\n/).length);
        return true;
      });
    }
  });

  it('workflow start: argument is not a spec -> failed with the reason, AWS is not called', async () => {
    const fake = new CompilingFake();
    await withRollout(fake, async (running) => {
      assertFailed(await running.result());
      for (const [i, args] of rawStarts.entries()) {
        const [spec] = args as [{ endpoint?: string } | null];
        const handle = running.temporal.start(workflowType, {
          workflowId: `rollout:${spec?.endpoint ?? `raw-${i}`}`,
          args,
        });
        assertFailed((await handle.result()) as RolloutResult);
      }
    });
    assert.deepEqual(new Set(fake.calls), new Set(['compileRollout']));
    // The workflow itself rejects __proto__, and arguments that are nested too deeply for an activity.
    assert.equal(fake.calls.length, rawStarts.length);
  });
});

const rawStarts: unknown[][] = [
  ...[[], [null], ['standard'], [7], [[[]]], [{}], [{ strategy: { canray: {} } }]],
  ...[[JSON.parse('{"__proto__": {"apiVersion": "penstock/v1"}}')], [{ apiVersion: 'x'.repeat(1_000_000) }]],
  [{ ...(parse(readExample('gates.yaml')) as object), endpoint: "a'; --" }],
];

/** Fake activities that compile the spec like a worker. */
class CompilingFake extends FakeActivities {
  override get activities(): RolloutActivities {
    const compileRollout = createCompileRollout();
    return {
      ...super.activities,
      compileRollout: (request) => {
        this.calls.push('compileRollout');
        return compileRollout(request);
      },
    };
  }
}

function assertFailed({ outcome, reason }: RolloutResult): void {
  assert.equal(outcome, 'failed');
  assert.match(reason, /allowed: \S/);
  assert.ok(reason.length < 60_000);
}
