/** Guardrails and goals that compare the two models, as rules of the analysis. No I/O, no clock. */
import type { ComparisonWindow, Tally } from '../analysis/comparison-windows.js';
import { addToGoal, emptyGoal, judgeGoal, type GoalRule, type GoalState } from '../analysis/judge-goal.js';
import {
  addToNotWorse,
  judgeNotWorse,
  startNotWorse,
  type NotWorseRule,
  type NotWorseState,
} from '../analysis/judge-not-worse.js';
import type { Verdict } from '../analysis/verdict.js';
import type { ComparisonGuardrail, Goal, Series } from '../plan/plan.js';
import type { WatchRequest } from './interface.js';

export interface Comparison {
  id: string;
  windowSeconds: number;
  dataDelaySeconds: number;
  kind: 'proportion' | 'mean';
  series: { trials: Series; total: Series; squares: Series | null };
  /** What it means where there are trials and nothing else: no event, or that it is not known. */
  whenAbsent: 0 | null;
  start: () => Sums;
  add: (sums: Sums, window: ComparisonWindow) => Sums;
  /** `windowsAhead`: how many more the stage is planned to have. */
  judge: (sums: Sums, windowsAhead: number) => Verdict;
}

/** Plain JSON, in the rule's own form; all of them keep a tally. */
export type Sums = { tally: Tally } & object;

/** A false alarm over the whole rollout, over all guardrails of the kind together. */
const guardrailAlpha = 0.01;
/** A wrong decision, over all goals together. */
const goalAlpha = 0.05;
/** Fewer requests to either model, and a guardrail says nothing; as for bounds. */
const minimumRequests = 100;
/** Requests of both models at which a decision is expected: the intervals are narrowest there. */
const plannedSize = 5_000;
const maximumExcludedPercent = 10;

/** In the request's order. None where the candidate is alone: there is nothing to compare with. */
export function comparisonsOf({
  traffic,
  guardrails,
  goals,
}: Pick<WatchRequest, 'traffic' | 'guardrails' | 'goals'>): Comparison[] {
  if (traffic.arms.baseline === null) return [];
  const rules = guardrails.filter((guardrail) => guardrail.kind === 'comparison');
  return [
    ...rules.map((guardrail) => notWorse(guardrail, rules.length)),
    ...goals.map((goal) => better(goal, goals.length)),
  ];
}

/** A pass takes the lack of evidence of harm: proof of less than a small margin would take days at any stage. */
export function notWorseRuleOf(guardrail: ComparisonGuardrail, howMany: number): NotWorseRule {
  const { id, label, marginPercent, dispersion } = guardrail;
  return {
    id,
    label,
    alpha: guardrailAlpha / howMany,
    maximumExcludedPercent,
    marginPercent,
    dispersion,
    minimumRequests,
    mustBeProven: false,
    negligiblePercent: null,
  };
}

function notWorse(guardrail: ComparisonGuardrail, howMany: number): Comparison {
  const { id, events, trials, windowSeconds, dataDelaySeconds } = guardrail;
  const rule = notWorseRuleOf(guardrail, howMany);
  return {
    id,
    windowSeconds,
    dataDelaySeconds,
    kind: 'proportion',
    series: { trials, total: events, squares: null },
    // SageMaker publishes zeros: where there are none, the metric is missing.
    whenAbsent: null,
    start: () => startNotWorse(rule),
    add: (sums, window) => addToNotWorse(sums as NotWorseState, window),
    judge: (sums, ahead) => judgeNotWorse(rule, sums as NotWorseState, sums.tally.windows + ahead),
  };
}

export function goalRuleOf({ id, label, kind, higherIsBetter }: Goal, howMany: number): GoalRule {
  return {
    id,
    label,
    kind,
    higherIsBetter,
    scale: 'relative',
    unit: null,
    minimumEffect: 0,
    // Trials are taken for independent: a metric that counts users is, one that counts their many requests is not.
    dispersion: 1,
    alpha: goalAlpha,
    goals: howMany,
    plannedSize,
    maximumExcludedPercent,
  };
}

function better(goal: Goal, howMany: number): Comparison {
  const { id, kind, total, squares, trials, windowSeconds, dataDelaySeconds } = goal;
  const rule = goalRuleOf(goal, howMany);
  return {
    id,
    windowSeconds,
    dataDelaySeconds,
    kind,
    series: { trials, total, squares },
    // Who counts conversions often publishes nothing where there were none.
    whenAbsent: 0,
    start: () => emptyGoal,
    add: (sums, window) => addToGoal(rule, sums as GoalState, window),
    judge: (sums, ahead) => judgeGoal(rule, sums as GoalState, sums.tally.windows + ahead),
  };
}
