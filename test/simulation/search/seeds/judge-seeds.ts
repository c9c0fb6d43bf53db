/** The seeds of the suite, a part in each file, because files run in parallel. */
import assert from 'node:assert/strict';
import type { WorkflowSandbox } from '../../../../src/simulation/temporal/sdk.js';
import { knownViolations } from '../known-violations.js';
import { judgeSeed, openSandbox } from '../search.js';
import { tell } from '../story.js';

const seedsATest = 20;

/** Both inclusive. */
export function judgeSeeds(from: number, to: number): void {
  describe('drawn rollouts', function () {
    this.timeout(600_000);
    let sandbox: WorkflowSandbox;
    before(async () => {
      sandbox = await openSandbox();
    });
    for (let first = from; first <= to; first += seedsATest) {
      const last = Math.min(to, first + seedsATest - 1);
      it(`drawn rollouts: seeds ${first} to ${last} -> only the known violations`, async () => {
        for (let seed = first; seed <= last; seed++) {
          const { found, record } = await judgeSeed(seed, sandbox);
          const known = knownViolations.filter((each) => each.seed === seed);
          assert.deepEqual(
            found.map(({ invariant }) => invariant).sort(),
            known.map(({ invariant }) => invariant).sort(),
            `${tell(record, found)}\nknown: ${known.map(({ invariant, cause }) => `${invariant}, ${cause}`).join('; ')}`,
          );
        }
      });
    }
  });
}
