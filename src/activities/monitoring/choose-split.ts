import type { GoalState } from '../../analysis/verdicts/judge-goal.js';
import { differ, hasEnoughObservations } from '../../analysis/statistics/arm-difference.js';
import { nextShare, probabilityHigherMean } from '../../analysis/statistics/thompson.js';
import type { Goal } from '../../plan/compiled/goal.js';
import { goalRuleOf } from './comparisons.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { ComparisonProgress } from '../interface/watch.js';

/** Plain Thompson sampling: what the worse model keeps for learning is the floor's and the cap's business. */
const leaderShare = 1;

type SplitRequest = Parameters<RolloutActivities['chooseSplit']>[0];
type SplitChoice = Awaited<ReturnType<RolloutActivities['chooseSplit']>>;

export function createChooseSplit(): RolloutActivities['chooseSplit'] {
  return (question) => Promise.resolve(chooseSplit(question));
}

/** Whole percents, so that a share that comes again is the same one. With several goals the most doubtful one counts. */
export function chooseSplit({ goals, comparisons, adapt, share }: SplitRequest): SplitChoice {
  if (Object.values(comparisons).some(({ last }) => last.reason === 'sampleRatioMismatch'))
    return { share, message: `candidate stays at ${share} %: traffic does not arrive as planned` };
  const chances = goals.map((goal) => ({ goal, chance: chanceOf(goal, comparisons[goal.id], goals.length) }));
  const known = chances.flatMap(({ goal, chance }) => (chance === null ? [] : [{ goal, chance }]));
  const [doubtful] = known.sort((a, b) => a.chance - b.chance);
  if (doubtful === undefined || known.length < goals.length) {
    return { share, message: `candidate stays at ${share} %: too little is known of its goals` };
  }
  const { floor, cap, maxStep } = adapt;
  const rule = { leaderShare, floor: floor / 100, cap: cap / 100, maximumStep: maxStep / 100 };
  const wanted = Math.round(nextShare(share / 100, doubtful.chance, rule) * 100);
  const next = Math.min(cap, Math.max(floor, wanted));
  const chance = `${(doubtful.chance * 100).toFixed(1)} % likely to be better by ${doubtful.goal.label}`;
  return {
    share: next,
    message: `candidate ${next === share ? 'stays at' : 'to'} ${next} %: it is ${chance}`,
  };
}

/** That the candidate is the better one, 0 to 1; null where there is too little data. */
function chanceOf(goal: Goal, progress: ComparisonProgress | undefined, howMany: number): number | null {
  if (progress === undefined) return null;
  const { stages } = progress.sums as GoalState;
  if (!hasEnoughObservations(stages, goal.kind)) return null;
  // Stratified by stage: conversions of different shares are of different times.
  const difference = differ(stages, goalRuleOf(goal, howMany));
  if (difference === null) return null;
  const higher = probabilityHigherMean(difference);
  return goal.higherIsBetter ? higher : 1 - higher;
}
