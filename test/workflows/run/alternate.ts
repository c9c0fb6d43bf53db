/** Many commands, of which each has a visible result. */
import assert from 'node:assert/strict';
import type { RolloutUnderTest } from '../rollout-under-test.js';

/** Pauses and resumes in turn, and checks the result of each update. */
export async function alternate(running: RolloutUnderTest, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const name = i % 2 === 0 ? 'pause' : 'resume';
    const status = await running.send(name, { actor: 'ben', reason: `${name} ${i}` });
    assert.equal(status.paused, name === 'pause');
  }
}
