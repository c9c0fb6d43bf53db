import assert from 'node:assert/strict';
import type { ComparisonWindow } from '../../../src/analysis/verdicts/comparison-windows.js';
import { addToGoal, judgeGoal, startGoal, type GoalRule } from '../../../src/analysis/verdicts/judge-goal.js';
import type { Verdict } from '../../../src/analysis/verdicts/verdict.js';
import { hourly } from './comparisons.js';

const conversion: GoalRule = {
  id: 'conversion',
  label: 'conversion',
  alpha: 0.05,
  kind: 'proportion',
  scale: 'relative',
  unit: null,
  higherIsBetter: true,
  minimumEffect: 0,
  goals: 1,
  plannedSize: 100_000,
  cap: null,
  maximumExcludedPercent: 10,
};
const duration: GoalRule = {
  ...conversion,
  id: 'duration',
  label: 'duration',
  kind: 'mean',
  scale: 'absolute',
  unit: 'ms',
  higherIsBetter: false,
  cap: { kind: 'value', value: 1000 },
};

function judge(windows: ComparisonWindow[], rule: GoalRule = conversion): Verdict {
  return judgeGoal(
    rule,
    windows.reduce((state, window) => addToGoal(rule, state, window), startGoal(rule)),
    10,
  );
}

/** 10,000 requests per arm with these means, and a standard deviation of 10. */
function means(baseline: number, candidate: number): ComparisonWindow {
  const window = hourly(0, [10_000, null], [10_000, null]);
  const arm = (mean: number) => ({
    requests: 10_000,
    events: null,
    sum: 1e4 * mean,
    sumSquares: 1e4 * (mean ** 2 + 100),
  });
  return { ...window, arms: { baseline: arm(baseline), candidate: arm(candidate) } };
}

describe('judgeGoal', () => {
  it('judgeGoal: higher conversion -> better', () => {
    const verdict = judge([hourly(0, [50_000, 1500], [50_000, 1800])]);
    assert.deepEqual([verdict.result, verdict.reason], ['pass', 'better']);
    assert.equal(
      verdict.message,
      'conversion: candidate 3.6 %, baseline 3 %, +20 % [+7.48 %, +32.5 %]; shown to be better (evidence of a gain 11000 of 20)',
    );
  });

  it('judgeGoal: lower conversion -> worse', () => {
    const verdict = judge([hourly(0, [50_000, 1800], [50_000, 1500])]);
    assert.deepEqual([verdict.result, verdict.reason], ['fail', 'worse']);
    assert.match(verdict.message, /^conversion: candidate 3 %, baseline 3.6 %, -16.7 % \[-25/);
    assert.match(verdict.message, /; shown to be worse \(evidence of harm over 1000000 of 20\)$/);
  });

  it('judgeGoal: small difference -> undecided', () => {
    const verdict = judge([hourly(0, [50_000, 1500], [50_000, 1550])]);
    assert.deepEqual([verdict.result, verdict.reason], ['inconclusive', 'undecided']);
  });

  it('judgeGoal: gain below minimumEffect -> undecided', () => {
    const windows = [hourly(0, [50_000, 1500], [50_000, 1800])];
    assert.equal(judge(windows, { ...conversion, minimumEffect: 0.05 }).reason, 'better');
    assert.equal(judge(windows, { ...conversion, minimumEffect: 0.1 }).reason, 'undecided');
    const slight = judge(windows, { ...conversion, minimumEffect: 0.3 });
    assert.match(
      slight.message,
      /; not yet shown to be better by 30 % or worse \(evidence of a gain 0.\d+ of 20\)$/,
    );
  });

  it('judgeGoal: whole interval below minimumEffect -> undecided, and cannot reach it', () => {
    const windows = [hourly(0, [500_000, 15_000], [500_000, 15_600])];
    const { result, reason, message } = judge(windows, { ...conversion, minimumEffect: 0.2 });
    assert.deepEqual([result, reason], ['inconclusive', 'undecided']);
    assert.match(message, /; cannot be better by 20 %, which is required \(evidence of a gain .* of 20\)$/);
  });

  it('judgeGoal: negative minimumEffect, loss within the margin -> notWorseThanBaseline', () => {
    const rule = { ...conversion, minimumEffect: -0.1 };
    const even = judge([hourly(0, [100_000, 6000], [100_000, 6000])], rule);
    assert.deepEqual([even.result, even.reason], ['pass', 'notWorseThanBaseline']);
    assert.match(even.message, /, 0 % \[-\d.*\]; proven not to be worse by 10 % \(proof \d+ of 20\)$/);
    assert.equal(judge([hourly(0, [50_000, 1500], [50_000, 1800])], rule).reason, 'better');
    const slight = [hourly(0, [100_000, 6000], [100_000, 5600])];
    assert.equal(judge(slight, { ...conversion, minimumEffect: 0 }).reason, 'worse');
    assert.equal(judge(slight, rule).reason, 'undecided');
    assert.equal(judge([hourly(0, [50_000, 1800], [50_000, 1300])], rule).reason, 'worse');
  });

  it('judgeGoal: margin with lower is better -> notWorseThanBaseline', () => {
    const rule = { ...duration, minimumEffect: -3 };
    assert.equal(judge([means(118, 120)], rule).reason, 'notWorseThanBaseline');
    assert.match(
      judge([means(118, 120)], rule).message,
      /; proven not to be worse by 3 ms \(proof .* of 20\), values/,
    );
    assert.equal(judge([means(118, 122)], rule).reason, 'worse');
  });

  it('judgeGoal: more goals -> more evidence needed', () => {
    const windows = [hourly(0, [50_000, 1500], [50_000, 1720])];
    assert.equal(judge(windows).reason, 'better');
    const oneOfMany = judge(windows, { ...conversion, goals: 20 });
    assert.equal(oneOfMany.reason, 'undecided');
    assert.equal(oneOfMany.evidence.comparison?.needed, 400);
  });

  it('judgeGoal: dispersion above 1 -> more data needed', () => {
    const windows = [hourly(0, [50_000, 1500], [50_000, 1720])];
    assert.equal(judge(windows, { ...conversion, dispersion: 2 }).reason, 'undecided');
  });

  it('judgeGoal: verdict -> evidence with counts, effect and interval', () => {
    const { evidence, algorithm } = judge([hourly(0, [50_000, 1500], [50_000, 1800], 3)]);
    assert.equal(algorithm, 'goal/2');
    assert.deepEqual(
      [evidence.value?.toFixed(9), evidence.unit, evidence.requests],
      ['3.600000000', 'percent', 100_000],
    );
    const { arms, effect, interval, needed, stage } = evidence.comparison ?? assert.fail();
    assert.deepEqual(arms.candidate, { requests: 50_000, events: 1800 });
    assert.deepEqual([effect?.toFixed(9), needed, stage], ['0.200000000', 20, 3]);
    assert.ok(interval !== null && (interval.lower ?? 0) > 0.07);
    assert.deepEqual(judge([means(120, 118)], duration).evidence.comparison?.arms.baseline, {
      requests: 10_000,
      events: null,
    });
  });

  it('judgeGoal: lower is better -> a lower mean is better', () => {
    const faster = judge([means(120, 118)], duration);
    assert.equal(faster.reason, 'better');
    assert.match(
      faster.message,
      /^duration: candidate 118 ms, baseline 120 ms, -2 ms \[-2.\d+ ms, -1.\d+ ms\]/,
    );
    assert.equal(judge([means(118, 120)], duration).reason, 'worse');
    assert.equal(judge([means(120, 118)], { ...duration, minimumEffect: 1.9 }).reason, 'undecided');
  });

  it('judgeGoal: absolute difference of proportions -> shown in points', () => {
    const { message } = judge([hourly(0, [50_000, 1500], [50_000, 1800])], {
      ...conversion,
      scale: 'absolute',
    });
    assert.match(message, /, \+0.6 points \[\+0.2\d+ points, /);
  });

  it('judgeGoal: fewer than 30 events or non-events in an arm -> inconclusive', () => {
    const verdict = judge([hourly(0, [50_000, 1500], [100, 29])]);
    assert.deepEqual([verdict.result, verdict.reason], ['inconclusive', 'tooFewEvents']);
    assert.match(verdict.message, /^conversion: fewer than 30 events/);
    assert.equal(judge([], duration).reason, 'awaitingFirstWindow');
  });

  it('judgeGoal: few values other than zero -> inconclusive, with what is missing', () => {
    const window = hourly(0, [10_000, null], [10_000, null]);
    const arm = (values: number, value: number) => {
      return { requests: 10_000, events: null, sum: values * value, sumSquares: values * value ** 2 };
    };
    const of = (values: number, value: number) =>
      judge(
        [{ ...window, arms: { baseline: arm(values, value), candidate: arm(2 * values, value) } }],
        duration,
      );
    assert.equal(
      of(99, 1000).message,
      'duration: too few values other than zero in one of the models: they count as 99 equal ones of 100, and weigh as 99 of 10 values at the cap of 1000',
    );
    assert.equal(of(999, 100).reason, 'tooFewEvents');
    assert.equal(of(1001, 100).reason, 'worse');
    assert.match(of(1001, 100).message, /, values above 1000 count as 1000$/);
  });

  it('judgeGoal: cap not known yet -> inconclusive', () => {
    const unknown = judge([], { ...duration, cap: { kind: 'percentile', percent: 99.9 } });
    assert.deepEqual([unknown.result, unknown.reason], ['inconclusive', 'awaitingCap']);
    assert.match(unknown.message, /^duration: no cap yet: it will be the percentile 99.9 % of its values/);
  });

  it('judgeGoal: total of a proportion is no whole number -> notACount', () => {
    const fine = hourly(1, [1000, 50], [1000, 60]);
    const { result, reason, message } = judge([hourly(0, [1000, 512.5], [1000, 498]), fine]);
    assert.deepEqual([result, reason], ['inconclusive', 'notACount']);
    assert.match(
      message,
      /^conversion: 513 of 1000 requests is the sum of a value, not a count: set source.squares/,
    );
  });

  it('judgeGoal: total above the requests in most windows -> notACount; in one of three -> excluded', () => {
    const revenue = hourly(0, [1000, 51_200], [1000, 49_800]);
    const fine = [hourly(1, [1000, 50], [1000, 60]), hourly(2, [1000, 50], [1000, 60])];
    assert.equal(judge([revenue]).reason, 'notACount');
    assert.equal(judge([revenue, ...fine]).reason, 'partialData');
  });

  it('judgeGoal: values without variance -> inconclusive', () => {
    const window = hourly(0, [1000, null], [1000, null]);
    const still = { requests: 1000, events: null, sum: 5000, sumSquares: 25_000 };
    const verdict = judge([{ ...window, arms: { baseline: still, candidate: still } }], duration);
    assert.equal(verdict.reason, 'tooFewEvents');
  });

  it('judgeGoal: windows without usable data -> excluded; many of them -> no pass', () => {
    const good = hourly(0, [50_000, 1500], [50_000, 1800]);
    assert.equal(judge([good, hourly(1, [null, 1], [2, 1])]).reason, 'partialData');
    assert.equal(judge([hourly(0, [10, 5], [10, 5])], duration).reason, 'noData');
    const impossible = means(120, 118);
    impossible.arms.candidate.sumSquares = 1;
    assert.equal(judge([impossible], duration).reason, 'noData');
  });

  it('judgeGoal: rising share without effect -> no effect', () => {
    const ramp = [hourly(0, [99_000, 9900], [1000, 100], 1), hourly(1, [50_000, 1500], [50_000, 1500], 2)];
    const { comparison } = judge(ramp).evidence;
    assert.ok(Math.abs(comparison?.effect ?? 1) < 1e-12);
  });

  it('judgeGoal: verdict -> survives JSON serialization', () => {
    for (const verdict of [judge([]), judge([means(1, 1000)], duration)])
      assert.deepEqual(JSON.parse(JSON.stringify(verdict)), verdict);
  });

  describe('judgeGoal by user', () => {
    const perUser: GoalRule = { ...conversion, id: 'perUser', label: 'conversionsPerUser', kind: 'ratio' };
    /** Users who are new in the window, and conversions of all users, each of another user. */
    const arm = (requests: number, sum: number) => ({
      ...{ requests, events: null, sum },
      users: { trials: requests, total: sum, product: sum, processes: 1e8 },
    });
    const window = (n: number, baseline: [number, number], candidate: [number, number]) => {
      const arms = { baseline: arm(...baseline), candidate: arm(...candidate) };
      return { ...hourly(n, [0, 0], [0, 0]), arms };
    };

    it('judgeGoal by user: conversions in windows without new users -> count for the users of before', () => {
      const windows = [
        window(0, [10_000, 500], [10_000, 600]),
        window(1, [0, 500], [0, 600]),
        window(2, [100, 500], [100, 600]),
      ];
      const verdict = judge(windows, perUser);
      assert.deepEqual([verdict.result, verdict.reason], ['pass', 'better']);
      assert.match(verdict.message, /^conversionsPerUser: candidate 0.178, baseline 0.149, \+20 % \[/);
    });

    it('judgeGoal by user: few users have all the requests -> inconclusive', () => {
      const few = hourly(0, [50_000, 1500], [50_000, 1800]);
      for (const one of Object.values(few.arms))
        one.users = { trials: 1e9, total: 1e6, product: 3e7, processes: 2.5e9 };
      const verdict = judge([few]);
      assert.equal(verdict.reason, 'tooFewEvents');
      assert.match(verdict.message, /or fewer than 50 users with equal shares of them$/);
    });
  });
});
