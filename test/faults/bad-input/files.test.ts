/** Every other file that somebody may hand in, and what the commands do with bad ones: exit code 2, and nothing started. */
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
import { timeSkipping } from '../../support/time-skipping.js';
import { connectTo, penstock } from '../../cli/cli.js';
import { readExample } from '../../plan/examples.js';
import { createCompileRollout } from '../../../src/activities/planning/compile-spec.js';
import { withRollout } from '../../workflows/harness.js';
import { FakeActivities } from '../../workflows/fake-activities.js';
import { seed } from '../seed.js';
import { dice, times, type Dice } from './random-input.js';
import { assertForm } from './message-form.js';
import { textMutations } from './spec-texts.js';

const main = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));
const windows = readExample('backtest/windows.csv');
const switchConfig = readExample('switch/switch.yaml');

type Spoil = (dice: Dice) => string;
const replace = (text: string, from: RegExp, all: readonly string[]): Spoil => {
  return (dice) => text.replace(from, dice.oneOf(all));
};

/** Switch configurations: none of these values is one of the field. */
const switchFiles: Record<string, Spoil> = {
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

/** Recorded metrics: no row of these can be read as windows. */
const dataFiles: Record<string, Spoil> = {
  'a time': (dice) =>
    row(
      `${dice.oneOf(['yesterday', '2026-11-02', '2026-13-02T10:00:00Z', '0', '', '\0', '2026-11-02T10:00:00', '9'.repeat(10_000)])},baseline,5,1,0,1`,
    ),
  'a role': (dice) =>
    row(
      `${start},${dice.oneOf(['Baseline', 'canary', '', '__proto__', '\u001b[2J', 'x'.repeat(100_000)])},5,1,0,1`,
    ),
  'a number': (dice) =>
    row(
      `${start},baseline,5,${dice.oneOf(['-1', 'NaN', '1e400', 'Infinity', '0x10', 'many', '1_000', '\ud800', '1'.repeat(400)])},0,1`,
    ),
  'a share': (dice) => row(`${start},baseline,${dice.oneOf(['101', '-1', '5%', 'x', '1e9'])},1,0,1`),
  'a row': (dice) =>
    row(
      dice.oneOf([
        'a',
        `${start},baseline`,
        `${start},baseline,5,1,0,1,7`,
        '"',
        `"${start},baseline`,
        ','.repeat(200_000),
      ]),
    ),
  'a header': (dice) =>
    dice.oneOf([
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

/** The same, as JSON. */
const jsonFiles: Record<string, Spoil> = {
  JSON: (dice) =>
    dice.oneOf(['{', '', '[', '{"windows":', '\0', 'NaN', '['.repeat(100_000), '{"a":'.repeat(50_000)]),
  'a document': (dice) =>
    dice.oneOf([
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
  windows: (dice) =>
    JSON.stringify({
      windows: [
        dice.oneOf([
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
  'a period': (dice) =>
    JSON.stringify({
      periodSeconds: dice.oneOf(['60', {}, [], true]),
      windows: [{ start, role: 'baseline' }],
    }),
  'a timeline': (dice) =>
    JSON.stringify({
      timeline: [
        dice.oneOf([
          1,
          null,
          {},
          { at: 'x', kind: 'verdict', message: 'x' },
          { at: start, kind: 'verdict', message: 'x', verdicts: [{}] },
        ]),
      ],
    }),
  'a history': (dice) =>
    JSON.stringify({ events: [dice.oneOf([1, null, {}, { eventId: 1 }, { eventId: 1, eventTime: 'x' }])] }),
};

const perKind = 12 * times;

describe(`files that cannot be (PENSTOCK_SEED=${seed})`, () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'penstock-bad-input-'))));
  after(() => rm(folder, { recursive: true }));

  async function assertRefused(argv: string[], name: string, text: string, context: string): Promise<void> {
    await writeFile(join(folder, name), text);
    const { exitCode, stdout, stderr } = await penstock(
      argv.map((word) => (word === name ? join(folder, name) : word)),
    );
    const said = (stderr + stdout).trimEnd();
    assert.equal(exitCode, 2, `${context}: exit code ${exitCode}: ${said.slice(0, 600)}`);
    assert.doesNotMatch(said, /Unforeseen|at \S+ \(.*:\d+:\d+\)/, context);
    assert.match(said, /allowed: \S|cannot be read/, `${context}: ${said.slice(0, 600)}`);
    assert.ok(said.length < 60_000, `${context}: ${said.length} characters`);
    assert.doesNotMatch(said, /(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/u, context);
  }

  const kinds: [string, Record<string, Spoil>, string, string[]][] = [
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
    for (const [kind, spoil] of Object.entries(files))
      it(`${what}: ${perKind} with ${kind} that cannot be are bad usage`, async () => {
        for (const throws of dice(perKind, what + kind)) {
          const text = spoil(throws);
          await assertRefused(argv, name, text, `${what}, ${kind}: ${JSON.stringify(text.slice(0, 300))}`);
        }
      });

  it('start connects to nothing for a spec that cannot be', async () => {
    const calls: string[] = [];
    for (const [kind, mutation] of Object.entries(textMutations)) {
      const [throws] = dice(1, `start ${kind}`);
      const file = join(folder, 'spec.yaml');
      await writeFile(file, throws ? mutation.spoil(readExample('gates.yaml'), throws) : '');
      const { exitCode, stderr } = await penstock(['start', file], connectTo({}, calls));
      assert.equal(exitCode, 2, `${kind}: ${stderr.slice(0, 500)}`);
    }
    assert.deepEqual(calls, []);
  });

  it('the program itself ends with 2, and says why', async () => {
    const file = join(folder, 'spec.yaml');
    // Where it tried to connect, it would fail with 1.
    const env = { ...process.env, TEMPORAL_ADDRESS: '127.0.0.1:1' };
    for (const kind of ['a key twice', 'aliases that unfold', 'no spec at all']) {
      const [throws] = dice(1, `program ${kind}`);
      const text = throws ? (textMutations[kind]?.spoil(readExample('gates.yaml'), throws) ?? '') : '';
      await writeFile(file, text);
      const run = promisify(execFile)(process.execPath, ['--import', 'tsx', main, 'start', file], { env });
      await assert.rejects(run, (error: { code?: number; stderr?: string }) => {
        assert.equal(error.code, 2, error.stderr);
        assertForm((error.stderr ?? '').trimEnd(), file, text.split(/\r\n?|\n/).length);
        return true;
      });
    }
  });

  it('a raw start with what is no spec ends as failed, with the reason, and AWS is not called', async () => {
    const world = new CompilingWorld();
    await withRollout(world, async ({ handle }) => {
      assertFailed((await handle.result()) as RolloutResult);
      const { client } = await timeSkipping();
      const { taskQueue } = await handle.describe();
      for (const [i, args] of rawStarts.entries()) {
        const options = { taskQueue, workflowId: `${handle.workflowId}-${i}`, args };
        assertFailed((await client.workflow.execute(workflowType, options)) as RolloutResult);
      }
    });
    assert.deepEqual(new Set(world.calls), new Set(['compileRollout']));
    // The workflow itself refuses __proto__, and what is too deep to be handed to an activity.
    assert.equal(world.calls.length, rawStarts.length);
  });
});

const rawStarts: unknown[][] = [
  ...[[], [null], ['standard'], [7], [[[]]], [{}], [{ strategy: { canray: {} } }]],
  ...[[JSON.parse('{"__proto__": {"apiVersion": "penstock/v1"}}')], [{ apiVersion: 'x'.repeat(1_000_000) }]],
  [{ ...(parse(readExample('gates.yaml')) as object), endpoint: "a'; --" }],
];

/** A world that compiles what it is given, as a worker does. */
class CompilingWorld extends FakeActivities {
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
