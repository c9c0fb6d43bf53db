/**
 * A test that cannot fail proves nothing. This test breaks one promise at a time in a copy of the code. The tests of this
 * promise must fail on the broken copy, and pass on an unchanged copy.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const copied = [
  'src',
  'test',
  'schema',
  'examples',
  'tools',
  'package.json',
  'tsconfig.json',
  '.mocharc.json',
];

interface Mutation {
  promise: string;
  file: string;
  /** Pairs of original text and replacement. Each original text occurs once in the file. */
  replacements: [string, string][];
  /** The tests of the promise. */
  tests: string[];
}

const mutations: Mutation[] = [
  {
    promise: 'resources of the rollout are adopted, not rejected or created again',
    file: 'src/activities/aws/ownership.ts',
    replacements: [
      ['if (arn !== null) return await requireOwned(sagemaker, { ...creation, arn });', 'void arn;'],
      ['if (!(error instanceof AlreadyExists)) throw error;', 'throw error;'],
    ],
    tests: ['test/activities/endpoint/deploy.test.ts', 'test/activities/models/training.test.ts'],
  },
  {
    promise: 'a weight change is complete only when it is read back',
    file: 'src/activities/traffic/set-weights.ts',
    replacements: [
      [
        'return pollAgain(`${name}: requested ${shares}${again}`, firstPollSeconds(pollSeconds), state);',
        'return (void again, void state, endpoint);',
      ],
    ],
    tests: ['test/activities/traffic/set-weights.test.ts'],
  },
  {
    promise: 'each window is evaluated once, also after retries',
    file: 'src/activities/monitoring/bound-windows.ts',
    replacements: [
      ['let progress = task.before ?? initialProgress(task);', 'let progress = initialProgress(task);'],
    ],
    tests: ['test/activities/monitoring/watch-traffic.test.ts'],
  },
];

async function inCopy<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-mutation-'));
  try {
    for (const name of copied) await cp(join(root, name), join(folder, name), { recursive: true });
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function mutate(folder: string, { file, replacements }: Mutation): Promise<void> {
  const path = join(folder, file);
  let text = await readFile(path, 'utf8');
  for (const [original, replacement] of replacements) {
    assert.equal(text.split(original).length, 2, `expected one occurrence in ${file}: ${original}`);
    text = text.replace(original, () => replacement);
  }
  await writeFile(path, text);
}

/** The numbers of tests in mocha's report. */
async function run(
  folder: string,
  tests: string[],
): Promise<{ passing: number; failing: number; output: string }> {
  const mocha = join(folder, 'node_modules/mocha/bin/mocha.js');
  const child = spawn(process.execPath, [mocha, '--exit', ...tests], { cwd: folder });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await new Promise((resolve) => child.on('close', resolve));
  const count = (what: string) => Number(new RegExp(`(\\d+) ${what}`).exec(output)?.[1] ?? 0);
  return { passing: count('passing'), failing: count('failing'), output };
}

describe('mutation tests', function () {
  this.timeout(600_000);

  it('mutation tests: unchanged copy of the code -> all tests pass', () =>
    inCopy(async (folder) => {
      const { passing, failing, output } = await run(folder, [
        ...new Set(mutations.flatMap(({ tests }) => tests)),
      ]);
      assert.ok(passing > 50 && failing === 0, output);
    }));

  for (const mutation of mutations) {
    it(`mutation tests: code breaks the promise "${mutation.promise}" -> tests fail`, () =>
      inCopy(async (folder) => {
        await mutate(folder, mutation);
        const { passing, failing, output } = await run(folder, mutation.tests);
        assert.ok(failing > 0 && passing > 0, output);
        console.log(`      ${failing} of ${failing + passing} tests notice`);
      }));
  }
});
