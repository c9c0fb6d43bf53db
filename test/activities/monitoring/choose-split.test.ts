import assert from 'node:assert/strict';
import { chooseSplit } from '../../../src/activities/monitoring/choose-split.js';
import type { ComparisonProgress } from '../../../src/activities/interface/watch.js';
import { addToGoal, judgeGoal, startGoal } from '../../../src/analysis/verdicts/judge-goal.js';
import { goalRuleOf } from '../../../src/activities/monitoring/comparisons.js';
import { sampleRatioChecks } from '../../../src/activities/monitoring/sample-ratio.js';
import { hourly } from '../../analysis/verdicts/comparisons.js';
import { conversionGoal } from './comparisons.js';

const adapt = { everySeconds: 86_400, floor: 10, cap: 90, maxStep: 20 };
const goal = conversionGoal();

/** Conversions per thousand visitors of each model. */
function progressOf(baseline: number, candidate: number): ComparisonProgress {
  const rule = goalRuleOf(goal, 1);
  const sums = addToGoal(rule, startGoal(rule), hourly(1, [1000, baseline], [1000, candidate]));
  return { judgedTo: '2026-11-02T02:00:00Z', sums, last: judgeGoal(rule, sums, 1) };
}

function choose(share: number, conversions: [number, number] | null, changes = {}) {
  const comparisons = conversions === null ? {} : { [goal.id]: progressOf(...conversions) };
  return chooseSplit({ goals: [{ ...goal, ...changes }], comparisons, adapt, share });
}

describe('chooseSplit', () => {
  it('chooseSplit: one model is better -> moves to it by maxStep', () => {
    const { share, message } = choose(50, [100, 200]);
    assert.equal(share, 70);
    assert.match(message, /^candidate to 70 %: it is 100.0 % likely to be better by conversion$/);
    assert.equal(choose(50, [200, 100]).share, 30);
  });

  it('chooseSplit: next share beyond floor or cap -> floor or cap', () => {
    assert.equal(choose(80, [100, 200]).share, 90);
    assert.equal(choose(15, [200, 100]).share, 10);
  });

  it('chooseSplit: equal models -> 50 %', () => {
    assert.equal(choose(50, [100, 100]).share, 50);
    assert.equal(choose(60, [100, 100]).share, 50);
  });

  it('chooseSplit: higherIsBetter false -> moves to the model with fewer conversions', () => {
    assert.equal(choose(50, [100, 200], { higherIsBetter: false }).share, 30);
  });

  it('chooseSplit: not enough data -> share unchanged', () => {
    for (const conversions of [null, [5, 10] as [number, number]]) {
      const { share, message } = choose(25, conversions);
      assert.equal(share, 25);
      assert.match(message, /not enough data on its goals/);
    }
  });

  it('chooseSplit: sample ratio mismatch -> share unchanged', () => {
    const [split] = sampleRatioChecks([goal], 'variants');
    assert.ok(split);
    const sums = split.add(split.start(), hourly(1, [1_000, null], [2_000, null]));
    const mismatch = { judgedTo: '2026-11-02T02:00:00Z', sums, last: split.judge(sums, 0) };
    const comparisons = { [goal.id]: progressOf(100, 200), split: mismatch };
    const { share, message } = chooseSplit({ goals: [goal], comparisons, adapt, share: 50 });
    assert.equal(share, 50);
    assert.match(message, /the traffic does not match the planned split$/);
  });

  it('chooseSplit: several goals -> the goal with the lowest probability decides', () => {
    const other = conversionGoal({ id: 'goal:returns', label: 'returns' });
    const comparisons = { [goal.id]: progressOf(100, 200), [other.id]: progressOf(200, 100) };
    const { share, message } = chooseSplit({ goals: [goal, other], comparisons, adapt, share: 50 });
    assert.equal(share, 30);
    assert.match(message, /better by returns$/);
  });
});
