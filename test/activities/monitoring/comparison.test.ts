import assert from 'node:assert/strict';
import { comparisonsOf, goalRuleOf } from '../../../src/activities/monitoring/comparisons.js';
import type { Goal, JudgingPlan } from '../../../src/plan/compiled/goal.js';
import type { ComparisonGuardrail } from '../../../src/plan/compiled/guardrail.js';
import { variantsTraffic } from '../endpoint/arms.js';
import { conversionGoal, notWorseGuardrail } from './comparisons.js';

const judging: JudgingPlan = {
  falseAlarmPercent: 2,
  wrongDecisionPercent: 10,
  plannedSize: 80_000,
  testedGuardrails: 2,
  watchedSeconds: 3_600,
};

/** 1 / alpha of each rule. The last one is the sample ratio check. */
function neededBy(guardrails: ComparisonGuardrail[], goals: Goal[], judging?: JudgingPlan): number[] {
  const traffic = variantsTraffic('both');
  return comparisonsOf({ traffic, guardrails, goals, judging }).map(
    ({ start, judge }) => judge(start(), 1).evidence.comparison?.needed ?? NaN,
  );
}

describe('comparison rules', () => {
  it('comparison rules: two guardrails and a goal -> the guardrails share the false alarm rate', () => {
    const guardrails = [notWorseGuardrail(), notWorseGuardrail({ id: 'another' })];
    const needed = neededBy(guardrails, [conversionGoal()], judging);
    assert.deepEqual(needed, [100, 100, 10, 1_000]);
  });

  it('comparison rules: plan without judging -> default error rates', () => {
    assert.deepEqual(neededBy([notWorseGuardrail()], [conversionGoal()]), [100, 20, 1_000]);
  });

  it('comparison rules: goal with dispersion, planned size and target -> used in the rule', () => {
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
