/** Simulates the test of a goal, with the intervals of judgeGoal. */
import type { GoalRule } from '../verdicts/judge-goal.js';
import {
  addToStage,
  differ,
  hasEnoughEvents,
  type ArmTotals,
  type StageTotals,
} from '../statistics/arm-difference.js';
import { twoSidedInterval } from '../statistics/mean-sequence.js';
import { hasEnoughValues } from '../statistics/winsorised.js';
import { drawEvents, drawSum, type DecisionSimulation } from './draws.js';
import type { SimulatedPoll } from './polls.js';

export type BetterRule = Pick<
  GoalRule,
  'kind' | 'scale' | 'dispersion' | 'higherIsBetter' | 'minimumEffect' | 'alpha' | 'goals' | 'plannedSize'
>;

/** Distribution of one request's value. For a proportion, the mean determines the deviation. */
export interface ValueDistribution {
  mean: number;
  deviation: number;
}

/** Returns a function that starts one run. */
export function simulateGoalTests(
  rule: BetterRule,
  values: { baseline: ValueDistribution; candidate: ValueDistribution },
  polls: readonly SimulatedPoll[],
): () => DecisionSimulation {
  const settings = { alpha: rule.alpha / rule.goals, plannedSize: rule.plannedSize };
  const { dispersion = 1 } = rule;
  const draw = (u: number, n: number, { mean, deviation }: ValueDistribution): ArmTotals => {
    if (rule.kind === 'proportion') {
      const events = drawEvents(u, n, mean, dispersion);
      return { n, sum: events, sumSquares: events };
    }
    const sum = drawSum(u, n, { mean, deviation }, dispersion);
    // Uses the known deviation: with enough requests for a verdict, its estimate hardly varies.
    return { n, sum, sumSquares: n * deviation ** 2 + (n === 0 ? 0 : (sum * sum) / n) };
  };
  const hasEnough = (stages: StageTotals[]) =>
    rule.kind === 'mean' ? hasEnoughValues(stages, null) : hasEnoughEvents(stages, rule.kind);
  return () => {
    let stages: StageTotals[] = [];
    return (index, uniform) => {
      const poll = polls[index]!;
      const arms = {
        baseline: draw(uniform(), poll.baseline, values.baseline),
        candidate: draw(uniform(), poll.candidate, values.candidate),
      };
      stages = addToStage(stages, { stage: poll.period, share: null }, arms);
      if (!poll.mayPass || !hasEnough(stages)) return false;
      const difference = differ(stages, rule);
      if (difference === null) return false;
      const { lower, upper } = twoSidedInterval(difference, settings);
      return (rule.higherIsBetter ? lower : -upper) > rule.minimumEffect;
    };
  };
}
