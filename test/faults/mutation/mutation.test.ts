/**
 * A test that cannot fail shows nothing. Copies of the code are broken on purpose, one promise at a time; the tests that stand for
 * the promise must go red, and are green on a copy that is whole.
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

interface Sabotage {
  promise: string;
  file: string;
  /** What is replaced, and by what. Each is there once. */
  cuts: [string, string][];
  /** That stand for the promise. */
  tests: string[];
}

const sabotages: Sabotage[] = [
  {
    promise: 'what the rollout has made is adopted, not refused or made again',
    file: 'src/activities/aws/ownership.ts',
    cuts: [
      ['if (arn !== null) return await requireOwned(sagemaker, { ...creation, arn });', 'void arn;'],
      ['if (!(error instanceof AlreadyExists)) throw error;', 'throw error;'],
    ],
    tests: ['test/activities/endpoint/deploy.test.ts', 'test/activities/models/training.test.ts'],
  },
  {
    promise: 'a weight change is done when it has been read back',
    file: 'src/activities/traffic/set-weights.ts',
    cuts: [
      [
        'return watching(`${text} asked for${again}`, firstPollSeconds(pollSeconds), { asked: asked + 1 });',
        'return (void again, steerable);',
      ],
    ],
    tests: ['test/activities/traffic/set-weights.test.ts'],
  },
  {
    promise: 'a window is judged once, whatever is tried again',
    file: 'src/activities/monitoring/judge-bound.ts',
    cuts: [['let progress = task.before ?? startOf(task);', 'let progress = startOf(task);']],
    tests: ['test/activities/monitoring/watch-traffic.test.ts'],
  },
];

async function inCopy<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-sabotage-'));
  try {
    for (const name of copied) await cp(join(root, name), join(folder, name), { recursive: true });
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function breakIt(folder: string, { file, cuts }: Sabotage): Promise<void> {
  const path = join(folder, file);
  let text = await readFile(path, 'utf8');
  for (const [is, becomes] of cuts) {
    assert.equal(text.split(is).length, 2, `${file} has not just one: ${is}`);
    text = text.replace(is, () => becomes);
  }
  await writeFile(path, text);
}

/** As mocha counts them. */
async function run(
  folder: string,
  tests: string[],
): Promise<{ passing: number; failing: number; said: string }> {
  const mocha = join(folder, 'node_modules/mocha/bin/mocha.js');
  const child = spawn(process.execPath, [mocha, '--exit', ...tests], { cwd: folder });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await new Promise((resolve) => child.on('close', resolve));
  const count = (what: string) => Number(new RegExp(`(\\d+) ${what}`).exec(said)?.[1] ?? 0);
  return { passing: count('passing'), failing: count('failing'), said };
}

describe('the tests of a copy', function () {
  this.timeout(600_000);

  it('are green where nothing is broken', () =>
    inCopy(async (folder) => {
      const { passing, failing, said } = await run(folder, [
        ...new Set(sabotages.flatMap(({ tests }) => tests)),
      ]);
      assert.ok(passing > 50 && failing === 0, said);
    }));

  for (const sabotage of sabotages) {
    it(`go red where it is no longer so that ${sabotage.promise}`, () =>
      inCopy(async (folder) => {
        await breakIt(folder, sabotage);
        const { passing, failing, said } = await run(folder, sabotage.tests);
        assert.ok(failing > 0 && passing > 0, said);
        console.log(`      ${failing} of ${failing + passing} tests notice`);
      }));
  }
});
