import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  addWindow,
  emptyCountTest,
  isPossible,
  logEvidence,
  logEvidenceAtMargin,
  ratioInterval,
  ratioOf,
  type CountTest,
  type CountTestSettings,
  type CountWindow,
} from '../../../src/analysis/statistics/count-test.js';
import { countWindow, likelyWindow } from './arbitraries.js';
import { assertClose } from './closeness.js';

const defaultSettings: CountTestSettings = { margin: 0.1, dispersion: 1, alpha: 0.05 };

function testOf(windows: CountWindow[], changes: Partial<CountTestSettings> = {}): CountTest {
  return windows.reduce(addWindow, emptyCountTest({ ...defaultSettings, ...changes }));
}

/** Everything that the test tells, with an interval of level 1 - alpha. */
function evidenceOf(test: CountTest) {
  const needed = Math.log(2 / test.settings.alpha);
  return {
    logE: logEvidenceAtMargin(test, 'above'),
    logENotWorse: logEvidenceAtMargin(test, 'below'),
    ratio: ratioOf(test),
    interval: ratioInterval(test, { above: needed, below: needed }),
  };
}

function assertSameEvidence(actual: CountTest, expected: CountTest): void {
  const [a, b] = [evidenceOf(actual), evidenceOf(expected)];
  assertClose(a.logE, b.logE, 1e-8);
  assertClose(a.logENotWorse, b.logENotWorse, 1e-8);
  assertClose(a.interval.lower, b.interval.lower, 1e-8);
  assertClose(a.interval.upper ?? -1, b.interval.upper ?? -1, 1e-7);
  assertClose(a.ratio ?? -1, b.ratio ?? -1);
}

describe('count test', () => {
  const settings = fc.record({
    margin: fc.double({ min: 0, max: 3, noNaN: true }),
    dispersion: fc.double({ min: 1, max: 10, noNaN: true }),
    alpha: fc.double({ min: 0.001, max: 0.2, noNaN: true }),
  });

  it('count test: any windows -> the sum of the paper', () => {
    fc.assert(
      fc.property(fc.array(countWindow, { maxLength: 40 }), settings, (windows, changes) => {
        const { margin, dispersion } = changes;
        assertClose(
          logEvidence(testOf(windows, changes), Math.log1p(margin), 'above'),
          sumAsWritten(windows, margin, dispersion),
          1e-9,
        );
      }),
    );
  });

  it('count test: windows in any order -> same evidence', () => {
    const twoOrders = fc
      .array(countWindow, { maxLength: 30 })
      .chain((windows) =>
        fc.tuple(fc.constant(windows), fc.shuffledSubarray(windows, { minLength: windows.length })),
      );
    fc.assert(
      fc.property(twoOrders, ([windows, shuffled]) => assertSameEvidence(testOf(shuffled), testOf(windows))),
      { numRuns: 50 },
    );
  });

  it('count test: a window split in two -> same evidence', () => {
    const halves = fc.record({ whole: countWindow, first: fc.nat(500), hits: fc.nat(500) });
    fc.assert(
      fc.property(fc.array(halves, { maxLength: 20 }), (cut) => {
        const pieces = cut.flatMap(({ whole, first, hits }) => {
          const { candidateEvents: x, events: m, candidateShare } = whole;
          const candidateEvents = Math.min(x, hits);
          const events = candidateEvents + Math.min(m - x, first);
          const rest = { candidateEvents: x - candidateEvents, events: m - events, candidateShare };
          return [{ candidateEvents, events, candidateShare }, rest];
        });
        assertSameEvidence(testOf(pieces), testOf(cut.map(({ whole }) => whole)));
      }),
      { numRuns: 50 },
    );
  });

  it('count test: arms swapped -> inverse ratio', () => {
    fc.assert(
      fc.property(fc.array(likelyWindow, { minLength: 5, maxLength: 30 }), (windows) => {
        const swapped = windows.map(({ candidateEvents, events, candidateShare }) => {
          return { candidateEvents: events - candidateEvents, events, candidateShare: 1 - candidateShare };
        });
        const [a, b] = [evidenceOf(testOf(windows)), evidenceOf(testOf(swapped))];
        if (a.interval.upper !== null) assertClose(b.interval.lower, 1 / a.interval.upper, 1e-7);
        if (b.interval.upper !== null) assertClose(a.interval.lower, 1 / b.interval.upper, 1e-7);
        if (a.ratio !== null && b.ratio !== null && a.ratio > 0) assertClose(b.ratio, 1 / a.ratio, 1e-7);
      }),
      { numRuns: 50 },
    );
  });

  it('count test: dispersion 2 -> evidence of half the counts', () => {
    fc.assert(
      fc.property(fc.array(countWindow, { maxLength: 30 }), (windows) => {
        const halved = windows.map(({ candidateEvents, events, candidateShare }) => {
          return { candidateEvents: candidateEvents / 2, events: events / 2, candidateShare };
        });
        assertSameEvidence(testOf(windows, { dispersion: 2 }), testOf(halved));
      }),
      { numRuns: 50 },
    );
  });

  it('count test: any windows -> ratio within the interval, interval consistent with both tests', () => {
    fc.assert(
      fc.property(fc.array(likelyWindow, { minLength: 1, maxLength: 30 }), (windows) => {
        const { ratio, interval } = evidenceOf(testOf(windows));
        const upper = interval.upper ?? Infinity;
        assert.ok(interval.lower < upper);
        if (ratio !== null) assert.ok(ratio >= interval.lower && ratio <= upper, `${ratio}`);
        const margin = interval.lower - 1;
        if (margin < 0 || margin > 3) return;
        assertClose(evidenceOf(testOf(windows, { margin })).logE, Math.log(2 / defaultSettings.alpha), 1e-6);
      }),
    );
  });

  it('count test: no events -> no evidence', () => {
    const { logE, logENotWorse, ratio, interval } = evidenceOf(
      testOf([{ candidateEvents: 0, events: 0, candidateShare: 0.5 }]),
    );
    assertClose(logE, 0);
    assertClose(logENotWorse, 0);
    assert.equal(ratio, null);
    assert.deepEqual(interval, { lower: 0, upper: null });
  });

  it('count test: one model has all requests -> evidence unchanged', () => {
    const known = [{ candidateEvents: 30, events: 40, candidateShare: 0.5 }];
    const onlyOne = [
      { candidateEvents: 0, events: 1000, candidateShare: 0 },
      { candidateEvents: 70, events: 70, candidateShare: 1 },
    ];
    assertSameEvidence(testOf([...known, ...onlyOne]), testOf(known));
  });

  it('count test: a model always fails -> bounds within the range of the curve', () => {
    const worst = evidenceOf(testOf([{ candidateEvents: 100_000, events: 100_000, candidateShare: 0.01 }]));
    assertClose(worst.interval.lower, Math.exp(1.5));
    assert.deepEqual([worst.interval.upper, worst.ratio], [null, null]);
    const best = evidenceOf(testOf([{ candidateEvents: 0, events: 100_000, candidateShare: 0.5 }]));
    assertClose(best.interval.upper ?? 0, Math.exp(-1.5));
    assert.equal(best.interval.lower, 0);
  });

  it('count test: much data -> small differences are evident', () => {
    const much = testOf([{ candidateEvents: 5_150_000, events: 10_150_000, candidateShare: 0.5 }], {
      margin: 0,
    });
    const { logE, interval } = evidenceOf(much);
    assert.ok(logE > 500, `${logE}`);
    assert.ok(interval.lower > 1.02 && (interval.upper ?? 2) < 1.04);
  });

  it('count test: state serialized as JSON -> same evidence', () => {
    const state = testOf([{ candidateEvents: 3, events: 40, candidateShare: 0.05 }]);
    assert.deepEqual(JSON.parse(JSON.stringify(state)), state);
    assert.ok(JSON.stringify(state).length < 2000);
  });

  const impossible: [string, CountWindow][] = [
    ['more events of the candidate than in all', { candidateEvents: 2, events: 1, candidateShare: 0.5 }],
    ['events of a candidate without requests', { candidateEvents: 1, events: 1, candidateShare: 0 }],
    ['events of a baseline without requests', { candidateEvents: 0, events: 1, candidateShare: 1 }],
    ['a share above one', { candidateEvents: 0, events: 1, candidateShare: 1.1 }],
    ['NaN', { candidateEvents: NaN, events: 1, candidateShare: 0.5 }],
    ['infinity', { candidateEvents: 0, events: Infinity, candidateShare: 0.5 }],
  ];
  for (const [name, window] of impossible) {
    it(`addWindow: ${name} -> RangeError`, () => {
      assert.equal(isPossible(window), false);
      assert.throws(() => testOf([window]), RangeError);
    });
  }

  it('emptyCountTest: settings out of range -> RangeError', () => {
    for (const changes of [
      { margin: -0.1 },
      { margin: 3.1 },
      { dispersion: 0.9 },
      { alpha: 0 },
      { alpha: NaN },
    ])
      assert.throws(() => testOf([], changes), RangeError);
  });
});

/** ln of sum_j w_j prod_t (...), window by window. */
function sumAsWritten(windows: CountWindow[], margin: number, dispersion: number): number {
  const nullValue = Math.log(1 + margin);
  const steps = Array.from({ length: 24 }, (_, j) => 0.001 * 2500 ** (j / 23));
  const weights = steps.map((step, j) => (step - (steps[j - 1] ?? 0)) * Math.exp(-2 * step * step));
  const totalWeight = weights.reduce((sum, weight) => sum + weight, 0);
  const logs = steps.map((step, j) => {
    const value = nullValue + step;
    const log = windows
      .map(({ candidateEvents: x, events: m, candidateShare: r }) => {
        return x * step - m * Math.log((1 - r + r * Math.exp(value)) / (1 - r + r * Math.exp(nullValue)));
      })
      .reduce((sum, term) => sum + term, 0);
    return Math.log(weights[j]! / totalWeight) + log / dispersion;
  });
  const largest = Math.max(...logs);
  return largest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - largest), 0));
}
