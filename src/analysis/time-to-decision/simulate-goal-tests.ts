/** How a goal's test would run, with the judge's own intervals. */
import type { GoalRule } from '../verdicts/judge-goal.js';
import {
  addToStage,
  differ,
  hasEnoughObservations,
  type ArmTotals,
  type StageTotals,
} from '../statistics/arm-difference.js';
import { twoSidedInterval } from '../statistics/mean-sequence.js';
import { drawEvents, drawSum, type DecisionSimulation } from './draws.js';
import type { SimulatedPoll } from './polls.js';

export type BetterRule = Pick<
  GoalRule,
  'kind' | 'scale' | 'dispersion' | 'higherIsBetter' | 'minimumEffect' | 'alpha' | 'goals' | 'plannedSize'
>;

/** Of one request's value. The deviation of a proportion follows from its mean. */
export interface ValueDistribution {
  mean: number;
  deviation: number;
}

/** Starts one run after another. */
export function simulateGoalTests(
  rule: BetterRule,
  values: { baseline: ValueDistribution; candidate: ValueDistribution },
  looks: readonly SimulatedPoll[],
): () => DecisionSimulation {
  const settings = { alpha: rule.alpha / rule.goals, plannedSize: rule.plannedSize };
  const { dispersion = 1 } = rule;
  const draw = (u: number, n: number, { mean, deviation }: ValueDistribution): ArmTotals => {
    if (rule.kind === 'proportion') {
      const events = drawEvents(u, n, mean, dispersion);
      return { n, sum: events, sumSquares: events };
    }
    const sum = drawSum(u, n, { mean, deviation }, dispersion);
    // As wide as it is known to be: its estimate hardly varies where there are enough requests to judge.
    return { n, sum, sumSquares: n * deviation ** 2 + (n === 0 ? 0 : (sum * sum) / n) };
  };
  return () => {
    let stages: StageTotals[] = [];
    return (index, uniform) => {
      const look = looks[index]!;
      const arms = {
        baseline: draw(uniform(), look.baseline, values.baseline),
        candidate: draw(uniform(), look.candidate, values.candidate),
      };
      stages = addToStage(stages, { stage: look.period, share: null }, arms);
      if (!look.mayPass || !hasEnoughObservations(stages, rule.kind)) return false;
      const difference = differ(stages, rule);
      if (difference === null) return false;
      const { lower, upper } = twoSidedInterval(difference, settings);
      return (rule.higherIsBetter ? lower : -upper) > rule.minimumEffect;
    };
  };
}
