import assert from 'node:assert/strict';
import { comparisonsOf, goalRuleOf } from '../../../src/activities/monitoring/comparisons.js';
import type { Goal, JudgingPlan } from '../../../src/plan/compiled/goal.js';
import type { ComparisonGuardrail } from '../../../src/plan/compiled/guardrail.js';
import { variantsTraffic } from '../endpoint/arms.js';
import { conversionGoal, notWorseGuardrail } from './comparisons.js';

const judging: JudgingPlan = { falseAlarmPercent: 2, wrongDecisionPercent: 10, plannedSize: 80_000 };

/** 1 / alpha of every rule; the last is the split's. */
function neededBy(guardrails: ComparisonGuardrail[], goals: Goal[], sure?: JudgingPlan): number[] {
  const traffic = variantsTraffic('both');
  return comparisonsOf({ traffic, guardrails, goals, judging: sure }).map(
    ({ start, judge }) => judge(start(), 1).evidence.comparison?.needed ?? NaN,
  );
}

describe('the rules of a comparison', () => {
  it('divide what the plan allows among the guardrails, and among the goals; the split has its own', () => {
    const guardrails = [notWorseGuardrail(), notWorseGuardrail({ id: 'another' })];
    const needed = neededBy(guardrails, [conversionGoal()], judging);
    assert.deepEqual(needed, [100, 100, 10, 1_000]);
  });

  it('are as sure as ever for a plan that an earlier release froze', () => {
    assert.deepEqual(neededBy([notWorseGuardrail()], [conversionGoal()]), [100, 20, 1_000]);
  });

  it('take dispersion, planned size and demand from the plan', () => {
    const rule = goalRuleOf(
      conversionGoal({ dispersion: 4, target: { kind: 'better', byPercent: 2 } }),
      1,
      judging,
    );
    assert.deepEqual([rule.dispersion, rule.plannedSize, rule.minimumEffect], [4, 80_000, 0.02]);
    const lenient = goalRuleOf(conversionGoal({ target: { kind: 'notWorse', byPercent: 3 } }), 1);
    assert.equal(lenient.minimumEffect, -0.03);
    assert.deepEqual([goalRuleOf(conversionGoal(), 1).minimumEffect, lenient.dispersion], [0, 1]);
  });
});
