import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  addRateWindow,
  emptyRateTest,
  logRateEvidence,
  type RateTest,
} from '../../../src/analysis/statistics/rate-test.js';

const settings = { bound: 0.01, dispersion: 1 };
/** The windows of a canary with four bakes of 30 minutes, and the alpha of one guardrail of three. */
const planned = 120;
const needed = Math.log(300);

function testOf(
  windows: [requests: number, events: number][],
  changes: Partial<typeof settings> = {},
): RateTest {
  return windows.reduce(
    (test, [requests, events], i) =>
      addRateWindow(test, { ...settings, ...changes }, { requests, events, fromMs: i }),
    emptyRateTest,
  );
}

function evidenceOf(windows: [requests: number, events: number][], dispersion = 1): number {
  return logRateEvidence(testOf(windows, { dispersion }), planned);
}

/** The first window in which the evidence suffices, from 1. */
function windowsNeeded(window: [number, number], after: [number, number][] = []): number {
  const windows = [...after];
  do windows.push(window);
  while (evidenceOf(windows) < needed);
  return windows.length - after.length;
}

describe('rate test', () => {
  it('rate test: no window -> no evidence', () => {
    assert.equal(logRateEvidence(emptyRateTest, planned), -Infinity);
  });

  for (const [requests, events] of [
    [100, 10],
    [333, 16],
    [1_000, 30],
  ] as const)
    it(`rate test: ${events} of ${requests} at a bound of 1 % -> one window suffices, one event less does not`, () => {
      assert.ok(evidenceOf([[requests, events]]) >= needed);
      assert.ok(evidenceOf([[requests, events - 1]]) < needed);
    });

  it('rate test: twice the bound -> found as fast after many clean windows as from the start', () => {
    const clean = Array.from({ length: 100 }, (): [number, number] => [1_000, 3]);
    const [fromStart, late] = [windowsNeeded([1_000, 20]), windowsNeeded([1_000, 20], clean)];
    assert.ok(fromStart <= 4 && late <= fromStart, `${fromStart} and ${late} windows`);
  });

  it('rate test: counts at or below the bound -> never enough evidence', () => {
    const random = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true })),
    );
    fc.assert(
      fc.property(random, (drawn) => {
        const windows = drawn.map(([n, part]): [number, number] => [n, part * n * settings.bound]);
        return evidenceOf(windows) < needed;
      }),
    );
  });

  it('rate test: evidence of the latest windows only -> at most that of all windows', () => {
    const window = fc.tuple(
      fc.integer({ min: 1, max: 1_000 }),
      fc.double({ min: 0, max: 0.05, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(window, { minLength: 2 }), fc.nat(), (drawn, cut) => {
        const windows = drawn.map(([n, rate]): [number, number] => [n, n * rate]);
        const latest = windows.slice(cut % windows.length);
        assert.ok(evidenceOf(latest) <= evidenceOf(windows) + 1e-9);
      }),
    );
  });

  it('rate test: clusters of three -> with dispersion 3, the same evidence as a third of the requests', () => {
    const whole = evidenceOf([[3_000, 90]], 3);
    assert.ok(Math.abs(whole - evidenceOf([[1_000, 30]])) < 1e-9);
  });

  it('rate test: breach after clean windows -> the recent windows are those since it began', () => {
    const { recent, all } = testOf([
      ...Array.from({ length: 50 }, (): [number, number] => [1_000, 3]),
      [500, 20],
      [500, 25],
    ]);
    assert.deepEqual([recent?.requests, recent?.events, recent?.fromMs], [1_000, 45, 50]);
    assert.deepEqual([all.requests, all.fromMs], [51_000, 0]);
  });

  it('rate test: impossible counts -> RangeError', () => {
    for (const [requests, events] of [
      [0, 0],
      [10, -1],
      [10, 11],
      [10, NaN],
      [Infinity, 1],
    ] as [number, number][])
      assert.throws(() => testOf([[requests, events]]), RangeError);
  });

  it('rate test: state -> the same after JSON', () => {
    const test = testOf([
      [1_000, 20],
      [10, 0],
    ]);
    assert.deepEqual(JSON.parse(JSON.stringify(test)), test);
  });
});
