/** Finds a planned size with which a goal decides earlier. The planned size never makes a decision wrong, only late. */
import { decisionTimeOf, type TestQuestion } from './decision-time.js';
import type { Conditions } from './polls.js';

export interface PlannedSizeSuggestion {
  plannedSize: number;
  /** Half of the rollouts have decided by then, in watched seconds. */
  halfSeconds: number;
}

type GoalQuestion = Extract<TestQuestion, { kind: 'better' }>;

/** Fewer runs than for a forecast, because sizes are compared with the same random numbers. */
const runs = 100;
const sizes = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power));
/** A change of the spec that saves less than this part of the time is not worth it. */
const minSaving = 0.1;

/** Null if no size saves a tenth of the median time. */
export function suggestPlannedSize(
  question: GoalQuestion,
  conditions: Conditions,
): PlannedSizeSuggestion | null {
  const medianOf = (plannedSize: number) => {
    const rule = { ...question.rule, plannedSize };
    return decisionTimeOf({ ...question, rule }, conditions, runs).halfSeconds ?? Infinity;
  };
  const now = medianOf(question.rule.plannedSize);
  const most = maxSizeOf(conditions);
  const found = sizes
    .filter((size) => size >= 1_000 && size <= most)
    .map((plannedSize) => ({ plannedSize, halfSeconds: medianOf(plannedSize) }))
    .reduce((best, one) => (one.halfSeconds < best.halfSeconds ? one : best), {
      plannedSize: question.rule.plannedSize,
      halfSeconds: now,
    });
  return found.halfSeconds <= (1 - minSaving) * now && found.halfSeconds < Infinity ? found : null;
}

/** Requests of both models over the whole plan. */
function maxSizeOf({ requestsPerHour, periods }: Conditions): number {
  const requests = ({ seconds, baseline, candidate }: Conditions['periods'][number]) =>
    (requestsPerHour * seconds * (baseline + candidate)) / 3_600;
  return periods.reduce((sum, period) => sum + requests(period), 0);
}
