/** Whether an experiment's traffic arrives as planned, as rules of the analysis: what the goals are counted among. */
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

/** Of a false alarm over the whole experiment; a mismatch keeps a person busy, and waits for one. */
const alpha = 0.001;
const maximumExcludedPercent = 10;

/** One for each series of trials: goals that are counted among the same share it. Ids are `sampleRatio`, `sampleRatio-2` and so on. */
export function sampleRatioChecks(goals: Goal[], topology: Topology): WindowComparison[] {
  const kinds = new Map<string, Goal[]>();
  for (const goal of goals.filter((goal) => isTestable(goal, topology))) {
    const key = JSON.stringify([goal.trials, goal.windowSeconds, goal.dataDelaySeconds]);
    kinds.set(key, [...(kinds.get(key) ?? []), goal]);
  }
  return [...kinds.values()].map((sharing, i) => {
    const id = i === 0 ? 'sampleRatio' : `sampleRatio-${i + 1}`;
    return splitOf(id, kinds.size, sharing);
  });
}

/**
 * The test takes trials for independent unless told how far they are not. Those of a switch are not: a user's requests all
 * go one way. SageMaker itself draws for each request.
 */
function isTestable({ dispersion, trials: { namespace } }: Goal, topology: Topology): boolean {
  if (dispersion !== undefined) return true;
  return namespace === 'AWS/SageMaker' ? topology === 'variants' : namespace !== 'Penstock/Switch';
}

function splitOf(id: string, howMany: number, goals: Goal[]): WindowComparison {
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
    kind: 'proportion',
    series: { trials, total: null, squares: null },
    missingValue: 0,
    start: () => emptySplit,
    add: (sums, window) => addToSplit(rule, sums as SplitState, window),
    judge: (sums, ahead) => judgeSplit(rule, sums as SplitState, sums.tally.windows + ahead),
  };
}
