/** A search that cannot fail proves nothing: on a broken copy of the code, drawn seeds find the broken promise. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { breakIn, breaks, inCopy } from './broken-copy.js';
import { knownViolations } from './known-violations.js';
import type { InvariantName } from './invariants/all.js';

/** For each promise a seed of the suite and the invariant that it violates on the broken copy. */
const found: { promise: keyof typeof breaks; seed: number; invariant: InvariantName }[] = [
  { promise: 'adoption', seed: 19, invariant: 'transientFailuresEndNothing' },
  { promise: 'weightVerification', seed: 9, invariant: 'everyShareBakes' },
  { promise: 'windowIdempotency', seed: 256, invariant: 'everyWindowIsReadOnce' },
  { promise: 'alarmDuringHold', seed: 96, invariant: 'firingAlarmIsActedOn' },
  { promise: 'otherWeights', seed: 40, invariant: 'othersAreKept' },
];

/** Prints `SEED INVARIANT: MESSAGE` for each violation. */
async function search(folder: string, seed: number): Promise<string> {
  const program = ['--import', 'tsx/esm', 'test/simulation/search/main.ts'];
  const child = spawn(process.execPath, [...program, '--from', String(seed), '--seeds', '1', '--brief'], {
    cwd: folder,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await new Promise((resolve) => child.on('close', resolve));
  return output;
}

describe('broken builds', function () {
  this.timeout(600_000);

  for (const { promise, seed, invariant } of found)
    it(`broken builds: code breaks the promise "${breaks[promise].promise}" -> seed ${seed} violates ${invariant}`, () =>
      inCopy(async (folder) => {
        assert.ok(
          seed <= 300 && !knownViolations.some((each) => each.seed === seed && each.invariant === invariant),
        );
        await breakIn(folder, breaks[promise]);
        assert.match(await search(folder, seed), new RegExp(`^${seed} ${invariant}: `, 'm'));
      }));
});
