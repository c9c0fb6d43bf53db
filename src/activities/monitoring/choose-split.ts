import { hasEnoughData, type GoalState } from '../../analysis/verdicts/judge-goal.js';
import { differ } from '../../analysis/statistics/arm-difference.js';
import { nextShare, probabilityHigherMean } from '../../analysis/statistics/thompson.js';
import type { Goal } from '../../plan/compiled/goal.js';
import { goalRuleOf } from './comparisons.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { ComparisonProgress } from '../interface/watch.js';

/** Plain Thompson sampling. `floor` and `cap` alone keep traffic on the worse model for learning. */
const leaderShare = 1;

type SplitRequest = Parameters<RolloutActivities['chooseSplit']>[0];
type SplitChoice = Awaited<ReturnType<RolloutActivities['chooseSplit']>>;

export function createChooseSplit(): RolloutActivities['chooseSplit'] {
  return (question) => Promise.resolve(chooseSplit(question));
}

/**
 * Whole percentages, so that the same decision gives the same share. With several goals, the one with the
 * lowest probability counts.
 */
export function chooseSplit({ goals, comparisons, adapt, share }: SplitRequest): SplitChoice {
  if (Object.values(comparisons).some(({ last }) => last.reason === 'sampleRatioMismatch'))
    return { share, message: `candidate stays at ${share} %: the traffic does not match the planned split` };
  const known = goals.flatMap((goal) => {
    const probability = probabilityBetter(goal, comparisons[goal.id], goals.length);
    return probability === null ? [] : [{ goal, probability }];
  });
  const [leastLikely] = known.sort((a, b) => a.probability - b.probability);
  if (leastLikely === undefined || known.length < goals.length) {
    return { share, message: `candidate stays at ${share} %: not enough data on its goals` };
  }
  const { floor, cap, maxStep } = adapt;
  const rule = { leaderShare, floor: floor / 100, cap: cap / 100, maximumStep: maxStep / 100 };
  const target = Math.round(nextShare(share / 100, leastLikely.probability, rule) * 100);
  const next = Math.min(cap, Math.max(floor, target));
  const reason = `${(leastLikely.probability * 100).toFixed(1)} % likely to be better by ${leastLikely.goal.label}`;
  return {
    share: next,
    message: `candidate ${next === share ? 'stays at' : 'to'} ${next} %: it is ${reason}`,
  };
}

/** Probability that the candidate is better, 0 to 1. Null without enough data. */
function probabilityBetter(
  goal: Goal,
  progress: ComparisonProgress | undefined,
  howMany: number,
): number | null {
  if (progress === undefined) return null;
  const state = progress.sums as GoalState;
  if (!hasEnoughData(goal, state)) return null;
  // Stratified by stage, because conversions at different shares are from different times.
  const difference = differ(state.stages, goalRuleOf(goal, howMany));
  if (difference === null) return null;
  const higher = probabilityHigherMean(difference);
  return goal.higherIsBetter ? higher : 1 - higher;
}
