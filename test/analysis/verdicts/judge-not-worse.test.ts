import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ComparisonWindow } from '../../../src/analysis/verdicts/comparison-windows.js';
import {
  addToNotWorse,
  judgeNotWorse,
  startNotWorse,
  type NotWorseRule,
} from '../../../src/analysis/verdicts/judge-not-worse.js';
import type { Verdict } from '../../../src/analysis/verdicts/verdict.js';
import { hourly } from './comparisons.js';

const defaultRule: NotWorseRule = {
  id: 'errors-compared',
  label: 'error rate',
  alpha: 0.05,
  marginPercent: 10,
  dispersion: 1,
  minimumRequests: 1000,
  mustBeProven: false,
  negligiblePercent: null,
  maximumExcludedPercent: 10,
  watchedSeconds: 36_000,
};
const unproven = { ...defaultRule, mustBeProven: true };

function judge(windows: ComparisonWindow[], rule: NotWorseRule = defaultRule): Verdict {
  return judgeNotWorse(
    rule,
    windows.reduce((state, window) => addToNotWorse(rule, state, window), startNotWorse(rule)),
    10,
  );
}

describe('judgeNotWorse', () => {
  it('judgeNotWorse: evidence of harm -> fail, with the evidence in the message', () => {
    const verdict = judge([hourly(0, [10_000, 100], [10_000, 190])]);
    assert.deepEqual([verdict.result, verdict.reason], ['fail', 'worseThanBaseline']);
    assert.equal(
      verdict.message,
      'error rate: candidate 1.9 %, baseline 1 %, ratio 1.9 [1.31, 2.71]; shown to be above the tolerated 1.1 (evidence of harm 4100 of 20)',
    );
  });

  it('judgeNotWorse: no evidence of harm -> pass', () => {
    const verdict = judge([hourly(0, [10_000, 102], [10_000, 131])]);
    assert.deepEqual([verdict.result, verdict.reason], ['pass', 'notShownWorse']);
    assert.equal(
      verdict.message,
      'error rate: candidate 1.31 %, baseline 1.02 %, ratio 1.28 [0.86, 1.87]; not shown to be above the tolerated 1.1 (evidence of harm 0.91 of 20)',
    );
  });

  it('judgeNotWorse: same data, proof required -> inconclusive', () => {
    const verdict = judge([hourly(0, [10_000, 102], [10_000, 131])], unproven);
    assert.deepEqual([verdict.result, verdict.reason], ['inconclusive', 'notProven']);
    assert.match(verdict.message, /; not yet proven to be under the tolerated 1.1 \(proof 0.12 of 20\)$/);
  });

  it('judgeNotWorse: no errors -> unknown ratio, without an upper bound', () => {
    const { message } = judge([hourly(0, [100_000, 0], [100_000, 0])], unproven);
    assert.match(
      message,
      /^error rate: candidate 0 %, baseline 0 %, ratio unknown \[0, no upper bound\]; not yet/,
    );
  });

  it('judgeNotWorse: ratio proven to be under the margin -> pass', () => {
    const verdict = judge([hourly(0, [200_000, 4000], [200_000, 3800])], unproven);
    assert.deepEqual([verdict.result, verdict.reason], ['pass', 'notWorseThanBaseline']);
    assert.match(
      verdict.message,
      /ratio 0.95 \[0.878, 1.02\]; proven to be under the tolerated 1.1 \(proof over/,
    );
  });

  it('judgeNotWorse: no errors -> no proof by ratio, but proof by the negligible rate', () => {
    const faultless = [hourly(0, [100_000, 0], [100_000, 0])];
    assert.equal(judge(faultless, unproven).reason, 'notProven');
    const verdict = judge(faultless, { ...unproven, negligiblePercent: 0.05 });
    assert.deepEqual([verdict.result, verdict.reason], ['pass', 'notWorseThanBaseline']);
    assert.match(verdict.message, /under the tolerated 1.1, or the candidate's rate under 0.05 % \(proof/);
    const few = [hourly(0, [100_000, 0], [5_000, 0])];
    assert.equal(judge(few, { ...unproven, negligiblePercent: 0.05 }).reason, 'notProven');
  });

  it('judgeNotWorse: rate far above the negligible rate -> finite evidence', () => {
    const verdict = judge([hourly(0, [100_000, 50_000], [100_000, 50_000])], {
      ...unproven,
      negligiblePercent: 0.01,
    });
    assert.equal(verdict.result, 'pass');
  });

  it('judgeNotWorse: rising share, constant rate -> no evidence of harm', () => {
    const ramp = [hourly(0, [99_000, 9900], [1000, 100], 1), hourly(1, [50_000, 1500], [50_000, 1500], 2)];
    const { evidence, message } = judge(ramp);
    assert.equal(evidence.comparison?.effect, 1);
    assert.match(message, /^error rate: candidate 3.2\d? %, baseline 3.2\d? %, ratio 1 /);
  });

  it('judgeNotWorse: no window, or too few requests of a model -> inconclusive', () => {
    assert.equal(judge([]).message, 'error rate: no window yet');
    assert.equal(judge([]).result, 'inconclusive');
    const few = judge([hourly(0, [100_000, 1000], [999, 9])]);
    assert.deepEqual([few.result, few.reason], ['inconclusive', 'tooFewRequests']);
    assert.equal(few.message, 'error rate: 999 of 1000 requests of each model');
    const none = judge([hourly(0, [0, 0], [0, 0])], { ...defaultRule, minimumRequests: 0 });
    assert.equal(none.result, 'inconclusive');
  });

  it('judgeNotWorse: no data -> never a pass', () => {
    const unusable: ComparisonWindow[] = [
      hourly(0, [null, 10], [1000, 10]),
      hourly(1, [1000, 10], [1000, null]),
      hourly(2, [1000, 10], [10, 11]),
      hourly(3, [1000, 10], [NaN, 10]),
      hourly(4, [1000, -1], [1000, 10]),
    ];
    for (const window of unusable) assert.equal(judge([window]).reason, 'noData');
    const verdict = judge([hourly(9, [100_000, 1000], [100_000, 1000]), ...unusable]);
    assert.deepEqual([verdict.result, verdict.reason], ['inconclusive', 'partialData']);
    assert.equal(verdict.message, 'error rate: 5 of 6 windows without usable data');
  });

  it('judgeNotWorse: evidence of harm with missing windows -> fail', () => {
    const verdict = judge([hourly(0, [null, null], [null, null]), hourly(1, [10_000, 100], [10_000, 300])]);
    assert.equal(verdict.result, 'fail');
  });

  it('judgeNotWorse: verdict -> evidence with counts, ratio and interval', () => {
    const windows = [hourly(0, [500, 5], [500, 5], 1), hourly(1, [10_000, 100], [10_000, 190], 2)];
    const { evidence, algorithm } = judge([...windows, hourly(2, [null, 0], [1, 0], 2)]);
    assert.equal(algorithm, 'not-worse/2');
    assert.equal(evidence.from, '2026-11-02T00:00:00.000Z');
    assert.equal(evidence.to, '2026-11-02T03:00:00.000Z');
    assert.deepEqual([evidence.requests, evidence.windowsJudged, evidence.windowsPlanned], [21_000, 3, 10]);
    assert.deepEqual([evidence.bound, evidence.unit], [1.1, 'ratio']);
    const { arms, stage, excludedWindows, needed } = evidence.comparison ?? assert.fail();
    assert.deepEqual(arms, {
      baseline: { requests: 10_500, events: 105 },
      candidate: { requests: 10_500, events: 195 },
    });
    assert.deepEqual([stage, excludedWindows, needed], [2, 1, 20]);
  });

  const likely = fc.integer({ min: 0, max: 60 });
  const hours = fc.array(fc.tuple(likely, likely), { minLength: 1, maxLength: 30 });

  it('judgeNotWorse: any windows -> the interval agrees with the decision', () => {
    fc.assert(
      fc.property(hours, (events) => {
        const windows = events.map(([a, b], hour) => hourly(hour, [1_000, a], [1_000, b]));
        const { reason, evidence } = judge(windows, { ...unproven, minimumRequests: 1 });
        const { lower, upper } = evidence.comparison?.interval ?? assert.fail();
        assert.equal(reason === 'worseThanBaseline', (lower ?? 0) >= 1.1);
        if (reason !== 'worseThanBaseline')
          assert.equal(reason === 'notWorseThanBaseline', upper !== null && upper <= 1.1);
      }),
      { numRuns: 300 },
    );
  });

  it('judgeNotWorse: harm after days without -> fail within hours, with the rates since then', () => {
    const rule = { ...defaultRule, alpha: 0.01, watchedSeconds: 14 * 86_400 };
    const clean = Array.from({ length: 168 }, (_, hour) => hourly(hour, [1_000, 10], [1_000, 10]));
    const harm = (hours: number) =>
      Array.from({ length: hours }, (_, hour) => hourly(168 + hour, [1_000, 10], [1_000, 20]));
    assert.equal(judge([...clean, ...harm(6)], rule).result, 'pass');
    const { result, message, evidence } = judge([...clean, ...harm(10)], rule);
    assert.equal(result, 'fail');
    assert.match(
      message,
      /^error rate: since 2026-11-09 00:00 UTC candidate 2 %, baseline 1 %, ratio 2 \[1\.1/,
    );
    assert.equal(evidence.comparison?.since, '2026-11-09T00:00:00.000Z');
    assert.equal(evidence.comparison?.effect, 2);
  });

  it('judgeNotWorse: tiny difference in very much data -> enough digits to show it', () => {
    const windows = [hourly(0, [1e9, 1e7], [1e9, 1.0004e7])];
    const { result, message } = judge(windows, { ...defaultRule, marginPercent: 0 });
    assert.equal(result, 'pass');
    assert.match(
      message,
      /candidate 1.0004 %, baseline 1 %, ratio 1.0004 \[0\.\d+, 1\.00\d+\]; not shown to be above the tolerated 1 /,
    );
  });

  it('addToNotWorse: two weeks of hours -> small state', () => {
    const windows = Array.from({ length: 336 }, (_, hour) =>
      hourly(hour, [1_000, 10], [1_000, 10 + (hour % 3)]),
    );
    const state = windows.reduce(
      (state, window) => addToNotWorse(defaultRule, state, window),
      startNotWorse(defaultRule),
    );
    assert.ok(JSON.stringify(state).length < 4_000, `${JSON.stringify(state).length}`);
    assert.deepEqual(JSON.parse(JSON.stringify(state)), state);
  });

  it('judgeNotWorse: very strong evidence -> numbers that JSON can represent', () => {
    const verdict = judge([hourly(0, [1e7, 1e5], [1e7, 1e6])]);
    assert.deepEqual(JSON.parse(JSON.stringify(verdict)), verdict);
    assert.match(verdict.message, /evidence of harm over 1000000 of 20\)$/);
  });

  it('formatEvidence: evidence below the limit -> never shown as the limit', () => {
    const candidates = fc.integer({ min: 100, max: 200 });
    fc.assert(
      fc.property(candidates, (events) => {
        const { result, message } = judge([hourly(0, [10_000, 100], [10_000, events])]);
        const told = Number(/of harm (?:over |under )?([\d.]+) of 20/.exec(message)?.[1]);
        assert.equal(result === 'fail', told >= 20, message);
      }),
    );
  });

  describe('judgeNotWorse by user', () => {
    const byUser = { ...defaultRule, dispersion: null };
    /** 10,000 users of one request each, of whom one in a hundred has an error, and one user with a burst. */
    const window = (burst: number) => {
      const one = hourly(0, [10_000, 100], [10_000, 100 + burst]);
      const users = (errors: number, more: number) => {
        const total = errors + more * more;
        return { trials: 10_000, total, product: total, processes: 1e8 };
      };
      one.arms.baseline.users = users(100, 0);
      one.arms.candidate.users = users(100, burst);
      return one;
    };

    it('judgeNotWorse by user: a burst of one user -> no evidence of harm, as it would be of many users', () => {
      assert.equal(judge([window(80)], byUser).result, 'pass');
      assert.equal(judge([window(80)]).reason, 'worseThanBaseline');
    });

    it('judgeNotWorse by user: many users have errors -> fail', () => {
      const harm = window(0);
      harm.arms.candidate.events = 190;
      harm.arms.candidate.users = { trials: 10_000, total: 190, product: 190, processes: 1e8 };
      assert.equal(judge([harm], byUser).reason, 'worseThanBaseline');
    });

    it('judgeNotWorse by user: no sums by user -> the window is excluded', () => {
      const unknown = window(0);
      unknown.arms.candidate.users = null;
      const { reason, evidence } = judge([unknown], byUser);
      assert.deepEqual([reason, evidence.comparison?.exclusions?.counts], ['noData', { missing: 1 }]);
    });
  });
});
