import assert from 'node:assert/strict';
import { Random } from '../../../bench/judgement/random.js';
import type { CountWindow } from '../../../src/analysis/statistics/count-test.js';
import {
  addToSpread,
  dispersionOfWindows,
  emptySpread,
} from '../../../src/analysis/statistics/window-dispersion.js';

/** Errors in clusters of geometric size: variance over mean is 2 * size - 1. */
function clustered(random: Random, mean: number, size: number): number {
  let events = 0;
  for (let left = random.poisson(mean / size); left > 0; left -= 1) events += random.geometric(size);
  return events;
}

function measure(
  hours: number,
  windowAt: (random: Random, hour: number) => { candidate: number; baseline: number; share?: number },
  seed = 3,
): number {
  const random = new Random(seed);
  let spread = emptySpread;
  for (let hour = 0; hour < hours; hour += 1) {
    const { candidate, baseline, share = 0.5 } = windowAt(random, hour);
    const window: CountWindow = {
      candidateEvents: candidate,
      events: candidate + baseline,
      candidateShare: share,
    };
    spread = addToSpread(spread, window, 1);
  }
  return dispersionOfWindows(spread);
}

describe('dispersion of windows', () => {
  it('no window, one window, or windows without events -> 1', () => {
    const none = () => ({ candidate: 0, baseline: 0 });
    assert.deepEqual(
      [measure(0, none), measure(1, () => ({ candidate: 5, baseline: 9 })), measure(50, none)],
      [1, 1, 1],
    );
  });

  it('independent errors -> close to 1', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const found = measure(
        336,
        (random) => ({ candidate: random.poisson(10), baseline: random.poisson(10) }),
        seed,
      );
      assert.ok(found >= 1 && found < 1.25, `${found}`);
    }
  });

  for (const size of [2, 4, 8])
    it(`errors in clusters of ${size} -> about ${2 * size - 1}, from below`, () => {
      const found = measure(2_000, (random) => ({
        candidate: clustered(random, 40, size),
        baseline: clustered(random, 40, size),
      }));
      const dispersion = 2 * size - 1;
      assert.ok(found > 0.75 * dispersion && found < 1.1 * dispersion, `${found}`);
    });

  it('rate of the candidate that doubles once -> close to 1, so that harm does not hide itself', () => {
    const found = measure(48, (random, hour) => ({
      candidate: random.poisson(hour < 24 ? 10 : 20),
      baseline: random.poisson(10),
    }));
    assert.ok(found < 1.3, `${found}`);
  });

  it('share that changes at each stage -> close to 1', () => {
    const found = measure(300, (random, hour) => {
      const share = [0.01, 0.1, 0.5][Math.floor(hour / 100)]!;
      return { candidate: random.poisson(200 * share), baseline: random.poisson(200 * (1 - share)), share };
    });
    assert.ok(found < 1.25, `${found}`);
  });
});
