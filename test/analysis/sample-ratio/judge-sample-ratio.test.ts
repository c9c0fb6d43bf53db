import assert from 'node:assert/strict';
import { decide } from '../../../src/analysis/verdicts/conclude-poll.js';
import type { ComparisonWindow } from '../../../src/analysis/verdicts/comparison-windows.js';
import {
  addToSplit,
  emptySplit,
  judgeSplit,
  type SplitRule,
} from '../../../src/analysis/sample-ratio/judge-sample-ratio.js';
import type { Verdict } from '../../../src/analysis/verdicts/verdict.js';
import { hourly } from '../verdicts/comparisons.js';

const usual: SplitRule = {
  id: 'sampleRatio',
  label: 'split',
  alpha: 0.001,
  dispersion: 1,
  maximumExcludedPercent: 10,
};

function judge(windows: ComparisonWindow[], rule: SplitRule = usual): Verdict {
  return judgeSplit(
    rule,
    windows.reduce((state, window) => addToSplit(rule, state, window), emptySplit),
    10,
  );
}

describe('judging the split of traffic', () => {
  it('passes traffic that arrives as planned', () => {
    const verdict = judge([hourly(0, [10_020, null], [9_980, null])]);
    assert.deepEqual([verdict.result, verdict.reason], ['pass', 'splitAsPlanned']);
    assert.match(
      verdict.message,
      /^split 9980 requests to the candidate, 10000 planned, evidence 0.\d+ of 1000 for/,
    );
  });

  it('holds, and never rolls back, when the shares are not as planned', () => {
    const verdict = judge([hourly(0, [10_000, null], [10_900, null])]);
    assert.deepEqual([verdict.result, verdict.reason], ['inconclusive', 'sampleRatioMismatch']);
    assert.equal(decide([verdict]).kind, 'hold');
  });

  it('remembers a mismatch, whatever comes after it', () => {
    const even = [1, 2, 3, 4, 5].map((hour) => hourly(hour, [90_000, null], [90_000, null]));
    const verdict = judge([hourly(0, [10_000, null], [10_900, null]), ...even]);
    assert.ok((verdict.evidence.comparison?.evidence ?? 1e9) < 1000);
    assert.equal(verdict.reason, 'sampleRatioMismatch');
    assert.match(verdict.message, /, seen at 2026-11-02T01:00Z: the baseline lacks requests since/);
  });

  it('says which model lacks requests, and since when', () => {
    const even = [0, 1, 2, 3, 4].map((hour) => hourly(hour, [5_000, null], [5_000, null]));
    const lacking = [5, 6, 7].map((hour) => hourly(hour, [5_000, null], [4_000, null]));
    const { message } = judge([...even, ...lacking]);
    assert.match(message, /: the candidate lacks requests since 2026-11-02T05:00Z$/);
  });

  it('says where that was as soon as the shares had changed', () => {
    const small = [0, 1, 2].map((hour) => ({
      ...hourly(hour, [9_000, null], [1_000, null]),
      candidateShare: 10,
    }));
    const lacking = [3, 4, 5].map((hour) => hourly(hour, [5_000, null], [4_000, null], 2));
    const { message } = judge([...small, ...lacking]);
    assert.match(message, /lacks requests since 2026-11-02T03:00Z, when the shares changed$/);
  });

  it('expects each share while it was planned', () => {
    const small = { ...hourly(0, [99_000, null], [1_000, null]), candidateShare: 1 };
    const verdict = judge([small, hourly(1, [1_000, null], [1_000, null])]);
    assert.equal(verdict.result, 'pass');
    assert.equal(verdict.evidence.bound, 2000);
  });

  it('minds that requests of a user stay together', () => {
    const windows = [hourly(0, [10_000, null], [10_900, null])];
    assert.equal(judge(windows, { ...usual, dispersion: 4 }).result, 'pass');
  });

  it('has nothing to test while one model has all the traffic', () => {
    const all = { ...hourly(0, [1000, null], [0, null]), candidateShare: 0 };
    const verdict = judge([all]);
    assert.equal(verdict.result, 'pass');
    assert.equal(verdict.evidence.comparison?.effect, null);
  });

  it('never passes without data', () => {
    assert.equal(judge([]).reason, 'awaitingFirstWindow');
    assert.equal(judge([hourly(0, [null, 1], [1, 1])]).reason, 'noData');
    assert.equal(judge([{ ...hourly(0, [1, 1], [1, 1]), candidateShare: null }]).reason, 'noData');
  });
});
