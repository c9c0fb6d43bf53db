/** Converts guardrails and goals that compare the two models to rules of the analysis. No I/O, no clock. */
import {
  addToGoal,
  judgeGoal,
  startGoal,
  type GoalRule,
  type GoalState,
} from '../../analysis/verdicts/judge-goal.js';
import {
  addToNotWorse,
  judgeNotWorse,
  startNotWorse,
  type NotWorseRule,
  type NotWorseState,
} from '../../analysis/verdicts/judge-not-worse.js';
import { defaultCap, defaultJudging, type Goal, type JudgingPlan } from '../../plan/compiled/goal.js';
import type { ComparisonGuardrail } from '../../plan/compiled/guardrail.js';
import type { WindowComparison } from './comparison.js';
import type { WatchRequest } from '../interface/watch.js';
import { sampleRatioChecks } from './sample-ratio.js';

/** With fewer requests to either model, a guardrail gives no verdict, as for bounds. */
const minimumRequests = 100;
const maximumExcludedPercent = 10;

/**
 * In the order of the request. Empty if the candidate is alone, because there is no baseline to compare with.
 */
export function comparisonsOf({
  traffic,
  guardrails,
  goals,
  judging = defaultJudging,
  mode = 'bake',
}: Pick<WatchRequest, 'traffic' | 'guardrails' | 'goals'> &
  Partial<Pick<WatchRequest, 'judging' | 'mode'>>): WindowComparison[] {
  if (traffic.arms.baseline === null) return [];
  const rules = guardrails.filter((guardrail) => guardrail.kind === 'comparison');
  return [
    ...rules.map((guardrail) => {
      const rule = notWorseRuleOf(guardrail, judging);
      // A bake needs the proof. After it, or if an operator promotes without it, only harm counts.
      return guardrailComparison(guardrail, { ...rule, mustBeProven: rule.mustBeProven && mode === 'bake' });
    }),
    ...goals.map((goal) => goalComparison(goal, goals.length, judging)),
    ...sampleRatioChecks(goals, traffic.topology),
  ];
}

/**
 * By default a pass needs only the absence of evidence of harm. A proof within a small margin would take days
 * in each stage.
 */
export function notWorseRuleOf(
  guardrail: ComparisonGuardrail,
  { falseAlarmPercent, testedGuardrails, watchedSeconds }: JudgingPlan = defaultJudging,
): NotWorseRule {
  const { id, label, marginPercent, mustBeProven = false, negligiblePercent = null } = guardrail;
  return {
    id,
    label,
    alpha: falseAlarmPercent / 100 / testedGuardrails,
    maximumExcludedPercent,
    marginPercent,
    dispersion: guardrail.byUser ? null : guardrail.dispersion,
    minimumRequests,
    mustBeProven,
    negligiblePercent,
    watchedSeconds,
  };
}

function guardrailComparison(guardrail: ComparisonGuardrail, rule: NotWorseRule): WindowComparison {
  const { id, events, trials, byUser = null, windowSeconds, dataDelaySeconds } = guardrail;
  return {
    id,
    windowSeconds,
    dataDelaySeconds,
    // SageMaker and the switch count an error or a latency together with its request.
    eventDelaySeconds: 0,
    kind: 'proportion',
    series: { trials, total: events, squares: null, byUser },
    cap: null,
    // Both publish zeros, and SageMaker a latency for every request. No data therefore means that the metric is
    // missing.
    missingValue: null,
    start: () => startNotWorse(rule),
    add: (sums, window) => addToNotWorse(rule, sums as NotWorseState, window),
    judge: (sums, ahead) => judgeNotWorse(rule, sums as NotWorseState, sums.tally.windows + ahead),
  };
}

export function goalRuleOf(
  { id, label, kind, higherIsBetter, target, dispersion, byUser, cap = defaultCap }: Goal,
  howMany: number,
  { wrongDecisionPercent, plannedSize }: JudgingPlan = defaultJudging,
): GoalRule {
  const { kind: required, byPercent } = target ?? { kind: 'better', byPercent: 0 };
  return {
    id,
    label,
    kind,
    higherIsBetter,
    scale: 'relative',
    unit: null,
    minimumEffect: (required === 'notWorse' ? -byPercent : byPercent) / 100,
    // Without sums by user, trials count as independent. Users are, but the many requests of one user are not.
    ...(byUser === undefined && { dispersion: dispersion ?? 1 }),
    cap: kind === 'mean' ? cap : null,
    alpha: wrongDecisionPercent / 100,
    goals: howMany,
    plannedSize,
    maximumExcludedPercent,
  };
}

function goalComparison(goal: Goal, howMany: number, judging: JudgingPlan): WindowComparison {
  const { id, kind, total, squares, trials, byUser = null, windowSeconds, dataDelaySeconds } = goal;
  const { conversionDelaySeconds: eventDelaySeconds = 0 } = goal;
  const rule = goalRuleOf(goal, howMany, judging);
  return {
    id,
    windowSeconds,
    dataDelaySeconds,
    eventDelaySeconds,
    kind,
    series: { trials, total, squares, byUser },
    cap: rule.cap,
    // Applications that count conversions often publish nothing for a window without conversions.
    missingValue: 0,
    start: () => startGoal(rule),
    add: (sums, window) => addToGoal(rule, sums as GoalState, window),
    judge: (sums, ahead) => judgeGoal(rule, sums as GoalState, sums.tally.windows + ahead),
  };
}
