import assert from 'node:assert/strict';
import {
  emptyTally,
  tallyWindow,
  type ComparisonWindow,
} from '../../../src/analysis/verdicts/comparison-windows.js';
import { hourly } from './comparisons.js';

function exclusionsOf(windows: ComparisonWindow[]) {
  return windows.reduce((tally, window) => tallyWindow(tally, window, null), emptyTally).exclusions;
}

describe('excluded windows', () => {
  it('exclusions: adjacent windows with the same reason -> one span with the reason', () => {
    const missing = [0, 1, 2].map((hour) => hourly(hour, [null, null], [10, 1]));
    const impossible = hourly(3, [10, 1], [10, 11]);
    const { counts, latest } = exclusionsOf([...missing, impossible]) ?? assert.fail();
    assert.deepEqual(counts, { missing: 3, impossible: 1 });
    assert.deepEqual(
      latest.map(({ from, to, reason, windows }) => [from.slice(11, 13), to.slice(11, 13), reason, windows]),
      [
        ['00', '03', 'missing', 3],
        ['03', '04', 'impossible', 1],
      ],
    );
  });

  it('exclusions: missing, impossible and moving windows -> their reasons', () => {
    const without = (arm: object) => {
      const window = hourly(0, [10, 1], [10, 1]);
      return exclusionsOf([
        { ...window, arms: { ...window.arms, candidate: { ...window.arms.candidate, ...arm } } },
      ]);
    };
    assert.deepEqual(without({ events: null })?.counts, { missing: 1 });
    assert.deepEqual(without({ events: null, sum: 4 })?.counts, { impossible: 1 });
    const moving = { ...hourly(0, [10, 1], [10, 1]), candidateShare: null };
    assert.deepEqual(exclusionsOf([moving])?.counts, { weightsChanging: 1 });
  });

  it('exclusions: many windows -> all counted, latest 20 spans listed', () => {
    const every = Array.from({ length: 30 }, (_, i) => hourly(2 * i, [null, null], [1, 0]));
    const { counts, latest } = exclusionsOf(every) ?? assert.fail();
    assert.deepEqual([counts.missing, latest.length, latest.at(-1)?.to], [30, 20, every.at(-1)?.to]);
  });
});
