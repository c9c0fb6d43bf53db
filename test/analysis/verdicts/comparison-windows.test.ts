import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ArmCounts, ComparisonWindow } from '../../../src/analysis/verdicts/comparison-windows.js';
import { addToGoal, judgeGoal, startGoal, type GoalRule } from '../../../src/analysis/verdicts/judge-goal.js';
import {
  addToNotWorse,
  judgeNotWorse,
  startNotWorse,
} from '../../../src/analysis/verdicts/judge-not-worse.js';
import { addToSplit, emptySplit, judgeSplit } from '../../../src/analysis/sample-ratio/judge-sample-ratio.js';
import type { Verdict } from '../../../src/analysis/verdicts/verdict.js';

const common = { id: 'x', label: 'x', alpha: 0.01, maximumExcludedPercent: 10 };
const notWorse = {
  ...common,
  ...{ marginPercent: 10, dispersion: 1, minimumRequests: 0, mustBeProven: false, watchedSeconds: 36_000 },
};
const goal: GoalRule = {
  ...common,
  kind: 'proportion',
  scale: 'relative',
  unit: null,
  higherIsBetter: true,
  minimumEffect: 0,
  goals: 1,
  plannedSize: 5000,
  cap: null,
};

const judges: Record<string, (windows: ComparisonWindow[]) => Verdict> = {
  'not worse': (windows) => {
    const rule = { ...notWorse, negligiblePercent: null };
    return judgeNotWorse(
      rule,
      windows.reduce((state, window) => addToNotWorse(rule, state, window), startNotWorse(rule)),
      10,
    );
  },
  'not worse or negligible': (windows) => {
    const rule = { ...notWorse, negligiblePercent: 0.1, mustBeProven: true };
    return judgeNotWorse(
      rule,
      windows.reduce((state, window) => addToNotWorse(rule, state, window), startNotWorse(rule)),
      10,
    );
  },
  proportion: (windows) =>
    judgeGoal(
      goal,
      windows.reduce((state, one) => addToGoal(goal, state, one), startGoal(goal)),
      10,
    ),
  mean: (windows) => {
    const rule: GoalRule = { ...goal, kind: 'mean', unit: 'ms', cap: { kind: 'value', value: 1000 } };
    return judgeGoal(
      rule,
      windows.reduce((state, one) => addToGoal(rule, state, one), startGoal(rule)),
      10,
    );
  },
  split: (windows) => {
    const rule = { ...common, dispersion: 1 };
    return judgeSplit(
      rule,
      windows.reduce((state, one) => addToSplit(rule, state, one), emptySplit),
      10,
    );
  },
};

const odd = fc.constantFrom(null, NaN, Infinity, -1, 0, 1, 0.5, 1e-300, 1e9, 1e15, 1e300);
const number = fc.oneof(fc.nat(100_000), odd);
const arm: fc.Arbitrary<ArmCounts> = fc.record({
  requests: number,
  events: number,
  sum: number,
  sumSquares: number,
});
const window: fc.Arbitrary<ComparisonWindow> = fc
  .record({
    hour: fc.nat(20),
    stage: fc.integer({ min: 1, max: 4 }),
    candidateShare: fc.constantFrom(null, 0, 1, 50, 100),
    baseline: arm,
    candidate: arm,
  })
  .map(({ hour, stage, candidateShare, baseline, candidate }) => {
    const [from, to] = [hour, hour + 1].map((at) => new Date(at * 3_600_000).toISOString());
    return { from: from!, to: to!, stage, candidateShare, arms: { baseline, candidate } };
  });
const unknown = fc
  .tuple(window, fc.constantFrom('baseline' as const, 'candidate' as const))
  .map(([one, role]) => {
    const nothing: ArmCounts = { requests: null, events: null, sum: null, sumSquares: null };
    return { ...one, arms: { ...one.arms, [role]: nothing } };
  });

describe('comparison verdicts on any data', () => {
  for (const [name, judge] of Object.entries(judges)) {
    it(`${name} verdict: any windows -> survives JSON serialization`, () => {
      fc.assert(
        fc.property(fc.array(window, { maxLength: 10 }), (windows) => {
          const verdict = judge(windows);
          assert.deepEqual(JSON.parse(JSON.stringify(verdict)), verdict);
          assert.doesNotMatch(verdict.message, /NaN|undefined|null|Infinity/);
        }),
        { numRuns: 500 },
      );
    });

    it(`${name} verdict: no data of one model -> neither pass nor fail`, () => {
      fc.assert(
        fc.property(fc.array(unknown, { maxLength: 10 }), (windows) => {
          assert.equal(judge(windows).result, 'inconclusive');
        }),
      );
    });
  }
});
