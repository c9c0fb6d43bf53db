import assert from 'node:assert/strict';
import { tallyWindow } from '../../../src/analysis/verdicts/comparison-windows.js';
import {
  addToNotWorse,
  judgeNotWorse,
  startNotWorse,
} from '../../../src/analysis/verdicts/judge-not-worse.js';
import { notesOn } from '../../../src/cli/view/tree.js';
import { hourly, type Counted } from '../../analysis/verdicts/comparisons.js';

const rule = {
  id: 'errorRate-comparison',
  label: 'error rate',
  alpha: 0.01,
  maximumExcludedPercent: 10,
  marginPercent: 10,
  dispersion: 1,
  minimumRequests: 100,
  mustBeProven: false,
  negligiblePercent: null,
  watchedSeconds: 72_000,
};

function notesOf(candidates: Counted[]): string[] {
  const windows = candidates.map((candidate, hour) => hourly(hour, [1_000, 10 + (hour % 3)], candidate));
  const state = windows.reduce((state, window) => addToNotWorse(rule, state, window), startNotWorse(rule));
  const drifted = { ...state, tally: tallyWindow(state.tally, hourly(30, [1, 1], [1, 1]), null, 'drift') };
  return notesOn(judgeNotWorse(rule, drifted, 20));
}

describe('notes on a comparison', () => {
  it('notesOn: excluded windows -> counts by reason', () => {
    const alike: Counted[] = [
      [1_000, 10],
      [1_000, null],
      [1_000, null],
      [10, 11],
    ];
    assert.deepEqual(notesOf(alike), [
      'excluded windows: 2 without data, 1 with contradicting data, 1 during drift',
    ]);
  });
});
