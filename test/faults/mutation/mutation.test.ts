/**
 * A test that cannot fail proves nothing. This test breaks one promise at a time in a copy of the code. The tests of this
 * promise must fail on the broken copy, and pass on an unchanged copy.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { breakIn, breaks, inCopy, type Break } from './broken-copy.js';

interface Mutation {
  broken: Break;
  /** The tests of the promise. */
  tests: string[];
}

const mutations: Mutation[] = [
  {
    broken: breaks.adoption,
    tests: ['test/activities/endpoint/deploy.test.ts', 'test/activities/models/training.test.ts'],
  },
  { broken: breaks.weightVerification, tests: ['test/activities/traffic/set-weights.test.ts'] },
  { broken: breaks.windowIdempotency, tests: ['test/activities/monitoring/watch-traffic.test.ts'] },
];

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

  for (const { broken, tests } of mutations) {
    it(`mutation tests: code breaks the promise "${broken.promise}" -> tests fail`, () =>
      inCopy(async (folder) => {
        await breakIn(folder, broken);
        const { passing, failing, output } = await run(folder, tests);
        assert.ok(failing > 0 && passing > 0, output);
        console.log(`      ${failing} of ${failing + passing} tests notice`);
      }));
  }
});
