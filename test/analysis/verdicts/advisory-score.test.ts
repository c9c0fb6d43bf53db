import assert from 'node:assert/strict';
import { addMeans, scoreWindows, type WindowMeans } from '../../../src/analysis/verdicts/advisory-score.js';
import { emptyTally, tallyWindow } from '../../../src/analysis/verdicts/comparison-windows.js';
import { hourly } from './comparisons.js';

/** Baseline 1 to 10; the candidate is higher by `more` in each window. */
const raisedBy = (more: number): WindowMeans[] =>
  Array.from({ length: 10 }, (_, i) => ({ baseline: i + 1, candidate: i + 1 + more }));

// By hand: of the 100 differences, d + more occurs 10 - |d| times. Their deviation is sqrt(100 * 21 / 12) = 13.23, so the
// bounds are the 19th from below and from above: 50 - 2.326 * 13.23 = 19.2; 1 + 2 + 3 + 4 + 5 = 15 are under d = -4.
describe('scoreWindows', () => {
  it('scoreWindows: shifted windows -> Mann-Whitney score with the Hodges-Lehmann shift', () => {
    assert.deepEqual(scoreWindows(raisedBy(100)), {
      kind: 'advisory',
      windows: 10,
      candidate: 'high',
      higherPercent: 100,
      shift: 100,
      interval: { lower: 96, upper: 104 },
    });
  });

  it('scoreWindows: ties -> count half', () => {
    const score = scoreWindows(raisedBy(0)) ?? assert.fail();
    assert.deepEqual([score.candidate, score.higherPercent, score.shift], ['alike', 50, 0]);
  });

  it('scoreWindows: interval within a quarter of the shift from zero -> alike', () => {
    assert.deepEqual(scoreWindows(raisedBy(5))?.interval, { lower: 1, upper: 9 });
    assert.equal(scoreWindows(raisedBy(5))?.candidate, 'alike');
    assert.equal(scoreWindows(raisedBy(6))?.candidate, 'high');
    assert.equal(scoreWindows(raisedBy(-6))?.candidate, 'low');
  });

  it('scoreWindows: few windows, or equal windows -> null', () => {
    assert.equal(scoreWindows(raisedBy(100).slice(0, 4)), null);
    assert.ok(scoreWindows(raisedBy(100).slice(0, 5)));
    assert.equal(scoreWindows(raisedBy(0).map(() => ({ baseline: 3, candidate: 3 }))), null);
  });

  it('addMeans: more than 50 windows -> keeps the latest 50, with four digits', () => {
    const many = Array.from({ length: 60 }, (_, i) => i);
    const recent = many.reduce<WindowMeans[]>((so, i) => addMeans(so, { baseline: i, candidate: 1 / 3 }), []);
    assert.deepEqual([recent.length, recent[0]], [50, { baseline: 10, candidate: 0.3333 }]);
  });

  it('tally: excluded windows, or windows without requests -> not in the score', () => {
    const windows = [hourly(0, [10, 1], [20, 1]), hourly(1, [0, 0], [20, 1]), hourly(2, [10, null], [20, 1])];
    const counts = { requests: 1, events: 1 };
    const arms = { baseline: counts, candidate: counts };
    const tally = windows.reduce((so, window) => tallyWindow(so, window, arms), emptyTally);
    assert.deepEqual(tally.recent, [{ baseline: 0.1, candidate: 0.05 }]);
    assert.equal(tallyWindow(emptyTally, hourly(0, [1, 1], [1, 1]), null).recent, undefined);
  });
});
