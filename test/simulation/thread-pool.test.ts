/** Work of a simulated process in Node's thread pool, such as the check of a signature: real time, no simulated time. */
import assert from 'node:assert/strict';
import { SimulatedClock } from '../../src/simulation/clock.js';
import { SimulatedProcess } from '../../src/simulation/process/simulated-process.js';
import { SeededRandom } from '../../src/simulation/random.js';

/** Takes about 30 ms. */
async function compute(): Promise<void> {
  const key = await crypto.subtle.importKey('raw', Buffer.from('password'), 'PBKDF2', false, ['deriveBits']);
  const derivation = { name: 'PBKDF2', hash: 'SHA-256', salt: Buffer.from('salt'), iterations: 50_000 };
  await crypto.subtle.deriveBits(derivation, key, 256);
}

function open() {
  const clock = new SimulatedClock(0);
  const process = new SimulatedProcess({ clock, random: new SeededRandom(1), fetch });
  clock.at(5_000, () => undefined);
  const finished: number[] = [];
  const work = async () => {
    await compute();
    finished.push(clock.nowMs);
  };
  const runAll = async () => {
    do await process.idle();
    while (await clock.runNext());
  };
  return { process, work, finished, runAll };
}

describe('thread pool in a simulation', () => {
  it('thread pool: the only work computes there -> no simulated time passes', async () => {
    const { process, work, finished, runAll } = open();
    void process.run(work);
    await runAll();
    assert.deepEqual(finished, [0]);
  });

  it('thread pool: other work waits for simulated time -> no simulated time passes either', async () => {
    const { process, work, finished, runAll } = open();
    void process.run(() => new Promise<void>((resolve) => setTimeout(resolve, 1_000)));
    void process.run(work);
    await runAll();
    assert.deepEqual(finished, [0]);
  });
});
