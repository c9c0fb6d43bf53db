import assert from 'node:assert/strict';
import { decisionTimeOf, type TestQuestion } from '../../../src/analysis/time-to-decision/decision-time.js';
import { suggestPlannedSize } from '../../../src/analysis/time-to-decision/suggest-planned-size.js';
import { better, rampOf } from './questions.js';

type GoalQuestion = Extract<TestQuestion, { kind: 'better' }>;
const conditions = rampOf(2_000);
const question = (effect: number, mean: number, plannedSize: number) =>
  better(effect, mean, { plannedSize }) as GoalQuestion;

describe('suggestPlannedSize', () => {
  it('suggestPlannedSize: a goal that needs far more than its planned size -> a size with which it decides earlier', () => {
    const asked = question(0.03, 0.3, 1_000);
    const found = suggestPlannedSize(asked, conditions) ?? assert.fail();
    assert.ok(found.plannedSize >= 20_000 && found.plannedSize <= 500_000, `${found.plannedSize}`);
    const sized = question(0.03, 0.3, found.plannedSize);
    const [before, after] = [asked, sized].map((one) => decisionTimeOf(one, conditions).halfSeconds!);
    assert.ok(after! < 0.9 * before!, `${after} and ${before}`);
    assert.equal(suggestPlannedSize(sized, conditions), null);
  });

  it('suggestPlannedSize: no size is enough -> null', () => {
    assert.equal(suggestPlannedSize(question(0.001, 0.3, 5_000), conditions), null);
  });
});
