import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SimulatedClock } from '../../src/simulation/clock.js';

describe('SimulatedClock', () => {
  it('runNext: any times -> in order of time, then of scheduling', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 20 })), async (times) => {
        const clock = new SimulatedClock(0);
        const ran: [atMs: number, order: number][] = [];
        times.forEach((atMs, order) => clock.at(atMs, () => void ran.push([clock.nowMs, order])));
        while (await clock.runNext());
        const expected = times.map((atMs, order): [number, number] => [atMs, order]);
        assert.deepEqual(
          ran,
          expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]),
        );
      }),
    );
  });

  it('runNext with a limit: later work -> does not run, and the time stays', async () => {
    const clock = new SimulatedClock(1_000);
    let hasRun = false;
    clock.at(3_000, () => void (hasRun = true));
    assert.equal(await clock.runNext(2_999), false);
    assert.deepEqual([hasRun, clock.nowMs, clock.nextMs], [false, 1_000, 3_000]);
  });

  it('cancel: cancelled work -> does not run, and is not the next', async () => {
    const clock = new SimulatedClock(0);
    let hasRun = false;
    clock.at(5, () => void (hasRun = true)).cancel();
    assert.deepEqual([clock.nextMs, await clock.runNext(), hasRun], [null, false, false]);
  });

  it('at: a time that has passed -> runs now', async () => {
    const clock = new SimulatedClock(1_000);
    clock.at(10, () => undefined);
    await clock.runNext();
    assert.equal(clock.nowMs, 1_000);
  });
});
