import assert from 'node:assert/strict';
import { judgeSeed, openSandbox } from './search.js';

/** With faults in calls, worker deaths and commands. */
const seeds = [5, 19, 27, 40];

describe('same seed', () => {
  it('same seed: played twice -> the same calls, users and timeline, byte for byte', async () => {
    const sandbox = await openSandbox();
    for (const seed of seeds) {
      const [first, second] = [await judgeSeed(seed, sandbox), await judgeSeed(seed, sandbox)];
      for (const part of ['calls', 'samples', 'timeline', 'given', 'hits', 'result'] as const)
        assert.equal(
          JSON.stringify(first.record[part]),
          JSON.stringify(second.record[part]),
          `${part} of seed ${seed}`,
        );
      assert.ok(first.record.calls.length > 10, `seed ${seed} makes calls`);
    }
  });
});
