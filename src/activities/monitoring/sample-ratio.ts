/** Rules of the analysis that check for a sample ratio mismatch in the trials of an experiment's goals. */
import {
  addToSplit,
  emptySplit,
  judgeSplit,
  type SplitRule,
  type SplitState,
} from '../../analysis/sample-ratio/judge-sample-ratio.js';
import type { Goal } from '../../plan/compiled/goal.js';
import type { Topology } from '../../plan/compiled/plan.js';
import type { WindowComparison } from './comparison.js';

/**
 * Probability of a false alarm over the whole experiment. It is low, because a mismatch waits for an operator.
 */
const alpha = 0.001;
const maximumExcludedPercent = 10;

/**
 * One check for each series of trials. Goals with the same trials share it. Ids: `sampleRatio`, `sampleRatio-2`
 * and so on.
 */
export function sampleRatioChecks(goals: Goal[], topology: Topology): WindowComparison[] {
  const goalsByTrials = new Map<string, Goal[]>();
  for (const goal of goals.filter((goal) => isTestable(goal, topology))) {
    const key = JSON.stringify([goal.trials, goal.windowSeconds, goal.dataDelaySeconds]);
    goalsByTrials.set(key, [...(goalsByTrials.get(key) ?? []), goal]);
  }
  return [...goalsByTrials.values()].map((goalsOfSeries, i) => {
    const id = i === 0 ? 'sampleRatio' : `sampleRatio-${i + 1}`;
    return sampleRatioCheck(id, goalsByTrials.size, goalsOfSeries);
  });
}

/**
 * The test assumes independent trials unless `dispersion` is set. Trials of a switch are not independent,
 * because all requests of one user get the same variant. SageMaker itself picks a variant for each request.
 */
function isTestable({ dispersion, trials: { namespace } }: Goal, topology: Topology): boolean {
  if (dispersion !== undefined) return true;
  return namespace === 'AWS/SageMaker' ? topology === 'variants' : namespace !== 'Penstock/Switch';
}

function sampleRatioCheck(id: string, howMany: number, goals: Goal[]): WindowComparison {
  const { trials, windowSeconds, dataDelaySeconds } = goals[0]!;
  const rule: SplitRule = {
    id,
    label: howMany === 1 ? 'split' : `split of ${trials.name}`,
    alpha: alpha / howMany,
    dispersion: Math.max(...goals.map(({ dispersion = 1 }) => dispersion)),
    maximumExcludedPercent,
  };
  return {
    id,
    windowSeconds,
    dataDelaySeconds,
    eventDelaySeconds: 0,
    kind: 'proportion',
    series: { trials, total: null, squares: null, byUser: null },
    cap: null,
    missingValue: 0,
    start: () => emptySplit,
    add: (sums, window) => addToSplit(rule, sums as SplitState, window),
    judge: (sums, ahead) => judgeSplit(rule, sums as SplitState, sums.tally.windows + ahead),
  };
}
