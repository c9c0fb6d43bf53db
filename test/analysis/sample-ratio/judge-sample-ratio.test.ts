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

const defaultRule: SplitRule = {
  id: 'sampleRatio',
  label: 'split',
  alpha: 0.001,
  dispersion: 1,
  maximumExcludedPercent: 10,
};

function judge(windows: ComparisonWindow[], rule: SplitRule = defaultRule): Verdict {
  return judgeSplit(
    rule,
    windows.reduce((state, window) => addToSplit(rule, state, window), emptySplit),
    10,
  );
}

describe('judgeSplit', () => {
  it('judgeSplit: traffic as planned -> pass', () => {
    const verdict = judge([hourly(0, [10_020, null], [9_980, null])]);
    assert.deepEqual([verdict.result, verdict.reason], ['pass', 'splitAsPlanned']);
    assert.match(
      verdict.message,
      /^split 9980 requests to the candidate, 10000 planned, evidence 0.\d+ of 1000 for/,
    );
  });

  it('judgeSplit: shares not as planned -> inconclusive, which holds and never rolls back', () => {
    const verdict = judge([hourly(0, [10_000, null], [10_900, null])]);
    assert.deepEqual([verdict.result, verdict.reason], ['inconclusive', 'sampleRatioMismatch']);
    assert.equal(decide([verdict]).kind, 'hold');
  });

  it('judgeSplit: mismatch followed by correct windows -> still a mismatch', () => {
    const even = [1, 2, 3, 4, 5].map((hour) => hourly(hour, [90_000, null], [90_000, null]));
    const verdict = judge([hourly(0, [10_000, null], [10_900, null]), ...even]);
    assert.ok((verdict.evidence.comparison?.evidence ?? 1e9) < 1000);
    assert.equal(verdict.reason, 'sampleRatioMismatch');
    assert.match(verdict.message, /, seen at 2026-11-02T01:00Z: the baseline lacks requests since/);
  });

  it('judgeSplit: mismatch -> the message has the model that lacks requests, and the start', () => {
    const even = [0, 1, 2, 3, 4].map((hour) => hourly(hour, [5_000, null], [5_000, null]));
    const lacking = [5, 6, 7].map((hour) => hourly(hour, [5_000, null], [4_000, null]));
    const { message } = judge([...even, ...lacking]);
    assert.match(message, /: the candidate lacks requests since 2026-11-02T05:00Z$/);
  });

  it('judgeSplit: the baseline lost requests, and the candidate has too few later -> the message names the baseline', () => {
    const later = [1, 2, 3, 4, 5, 6, 7, 8].map((hour) => hourly(hour, [1_000, null], [930, null]));
    const { message } = judge([hourly(0, [500, null], [1_000, null]), ...later]);
    assert.match(message, /seen at 2026-11-02T01:00Z: the baseline lacks requests since 2026-11-02T00:00Z/);
  });

  it('judgeSplit: mismatch right after a share change -> the message mentions the change', () => {
    const small = [0, 1, 2].map((hour) => ({
      ...hourly(hour, [9_000, null], [1_000, null]),
      candidateShare: 10,
    }));
    const lacking = [3, 4, 5].map((hour) => hourly(hour, [5_000, null], [4_000, null], 2));
    const { message } = judge([...small, ...lacking]);
    assert.match(message, /lacks requests since 2026-11-02T03:00Z, when the shares changed$/);
  });

  it('judgeSplit: share changes -> each window is compared with its own planned share', () => {
    const small = { ...hourly(0, [99_000, null], [1_000, null]), candidateShare: 1 };
    const verdict = judge([small, hourly(1, [1_000, null], [1_000, null])]);
    assert.equal(verdict.result, 'pass');
    assert.equal(verdict.evidence.bound, 2000);
  });

  it('judgeSplit: dispersion above 1 -> less evidence', () => {
    const windows = [hourly(0, [10_000, null], [10_900, null])];
    assert.equal(judge(windows, { ...defaultRule, dispersion: 4 }).result, 'pass');
  });

  it('judgeSplit: one model has all the traffic -> no evidence', () => {
    const all = { ...hourly(0, [1000, null], [0, null]), candidateShare: 0 };
    const verdict = judge([all]);
    assert.equal(verdict.result, 'pass');
    assert.equal(verdict.evidence.comparison?.effect, null);
  });

  it('judgeSplit: no data -> never a pass', () => {
    assert.equal(judge([]).reason, 'awaitingFirstWindow');
    assert.equal(judge([hourly(0, [null, 1], [1, 1])]).reason, 'noData');
    assert.equal(judge([{ ...hourly(0, [1, 1], [1, 1]), candidateShare: null }]).reason, 'noData');
  });
});
