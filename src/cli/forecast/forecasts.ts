/** When the plan's comparisons would decide, by the rules that will judge it. No I/O. */
import { goalRuleOf, notWorseRuleOf } from '../../activities/monitoring/comparisons.js';
import {
  decisionTimeOf,
  type DecisionTime,
  type TestQuestion,
} from '../../analysis/time-to-decision/decision-time.js';
import type { Conditions } from '../../analysis/time-to-decision/polls.js';
import { suggestChanges, type Suggestions } from '../../analysis/time-to-decision/suggestions.js';
import type { Goal } from '../../plan/compiled/goal.js';
import type { ComparisonGuardrail } from '../../plan/compiled/guardrail.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { watchedPeriodsOf, type WatchedPeriod } from '../../plan/schedule/watched-periods.js';
import { UsageError } from '../support/usage-error.js';

/** What is known of the traffic. Numbers by rule, as people name it; `''` is for all others. */
export interface Assumptions {
  requestsPerHour: number;
  /** Percent of the requests, or for a goal of its trials. */
  baseRates: Map<string, number>;
  /** Of a value: its standard deviation over its mean. */
  relativeStds: Map<string, number>;
  /** Relative, in percent; null: what is usual for the rule. */
  effectPercent: number | null;
}

export interface Forecast extends DecisionTime {
  rule: string;
  label: string;
  /** What is to be found: a candidate that is worse or better by `effectPercent`, or one that is equal. */
  finds: TestQuestion['kind'] | 'equal';
  effectPercent: number;
  /** Up to here a guardrail tolerates harm, and a goal does without a gain. Percent. */
  toleratedPercent: number;
  /** Percent; null for values. */
  baseRatePercent: number | null;
  /** Neither given nor read. */
  isAssumed: boolean;
  /** How long the plan watches, in which the rule has to decide. */
  withinSeconds: number;
  /** Null where the plan is long enough. */
  help: Suggestions | null;
}

export interface Forecasts {
  requestsPerHour: number;
  rules: Forecast[];
  /** Labels of goals of which no spread is known. */
  unknown: string[];
}

export const defaultBaseRatePercent = 1;
/** Or twice what is tolerated, where that is more. */
export const defaultEffectPercent = 20;

/** Throws UsageError where a name is not a rule's, or a rate is beyond what there can be. */
export function forecast(plan: Plan, assumptions: Assumptions): Forecasts {
  const periods = watchedPeriodsOf(plan.steps);
  const guardrails = plan.guardrails.filter((guardrail) => guardrail.kind === 'comparison');
  rejectUnknownNames([...guardrails, ...plan.goals].map(ruleNameOf), assumptions);
  const { requestsPerHour } = assumptions;
  if (periods.length === 0) return { requestsPerHour, rules: [], unknown: [] };
  const experiments = periods.filter(({ kind }) => kind === 'experiment');
  const known = plan.goals.filter((goal) => goal.kind === 'proportion' || relativeStdOf(goal, assumptions));
  return {
    requestsPerHour,
    rules: [
      ...guardrails.flatMap((guardrail) => forecastGuardrail(guardrail, plan, periods, assumptions)),
      ...known.map((goal) => forecastGoal(goal, plan, experiments, assumptions)),
    ],
    unknown: plan.goals.filter((goal) => !known.includes(goal)).map(({ label }) => label),
  };
}

function forecastGuardrail(
  guardrail: ComparisonGuardrail,
  plan: Plan,
  periods: WatchedPeriod[],
  assumptions: Assumptions,
): Forecast[] {
  const howMany = plan.guardrails.filter(({ kind }) => kind === 'comparison').length;
  const rule = notWorseRuleOf(guardrail, howMany, plan.judging);
  const base = baseRateOf(guardrail, assumptions);
  const baseRate = base.baseRatePercent / 100;
  const toleratedPercent = rule.marginPercent;
  const effect = effectOf(toleratedPercent, assumptions);
  const about = { ...base, toleratedPercent, periods, assumptions };
  return [
    answer(guardrail, { kind: 'worse', rule, baseRate, effect }, about),
    ...(rule.mustBeProven ? [answer(guardrail, { kind: 'notWorse', rule, baseRate }, about)] : []),
  ];
}

/** A goal that asks for no loss is decided by a candidate that is equal. */
function forecastGoal(goal: Goal, plan: Plan, periods: WatchedPeriod[], assumptions: Assumptions): Forecast {
  const rule = goalRuleOf(goal, plan.goals.length, plan.judging);
  const toleratedPercent = Math.max(0, 100 * rule.minimumEffect);
  const effect = goal.target?.kind === 'notWorse' ? 0 : effectOf(toleratedPercent, assumptions);
  const rate = baseRateOf(goal, assumptions);
  const isRate = goal.kind === 'proportion';
  const base = isRate
    ? { mean: rate.baseRatePercent / 100, deviation: 0 }
    : { mean: 1, deviation: relativeStdOf(goal, assumptions) ?? 0 };
  return answer(
    goal,
    { kind: 'better', rule, base, effect },
    {
      baseRatePercent: isRate ? rate.baseRatePercent : null,
      isAssumed: isRate && rate.isAssumed,
      toleratedPercent,
      periods,
      assumptions,
    },
  );
}

function answer(
  rule: ComparisonGuardrail | Goal,
  question: TestQuestion,
  about: Pick<Forecast, 'baseRatePercent' | 'isAssumed' | 'toleratedPercent'> & {
    periods: WatchedPeriod[];
    assumptions: Assumptions;
  },
): Forecast {
  const { baseRatePercent, isAssumed, toleratedPercent, periods, assumptions } = about;
  const { id, label, windowSeconds, dataDelaySeconds } = rule;
  const { requestsPerHour } = assumptions;
  const conditions: Conditions = { requestsPerHour, windowSeconds, dataDelaySeconds, periods };
  const effect = question.kind === 'notWorse' ? 0 : question.effect;
  const time = tryTo(() => decisionTimeOf(question, conditions), label);
  return {
    rule: id,
    label,
    finds: question.kind === 'better' && effect === 0 ? 'equal' : question.kind,
    effectPercent: 100 * effect,
    toleratedPercent,
    baseRatePercent,
    isAssumed,
    withinSeconds: periods.reduce((sum, { seconds }) => sum + seconds, 0),
    ...time,
    help: time.maxSeconds === null ? suggestChanges(question, conditions) : null,
  };
}

function effectOf(toleratedPercent: number, { effectPercent }: Assumptions): number {
  return (effectPercent ?? Math.max(defaultEffectPercent, 2 * toleratedPercent)) / 100;
}

function tryTo<T>(work: () => T, label: string): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`${label}: ${error.message}`);
    throw error;
  }
}

/** `goal:conversion` is `conversion`, `errorRate-comparison` is `errorRate`. */
export function ruleNameOf({ id }: { id: string }): string {
  return id.replace(/^goal:/, '').replace(/-comparison(?=-\d+$|$)/, '');
}

function baseRateOf(
  rule: { id: string },
  { baseRates }: Assumptions,
): { baseRatePercent: number; isAssumed: boolean } {
  const given = baseRates.get(ruleNameOf(rule)) ?? baseRates.get('');
  return { baseRatePercent: given ?? defaultBaseRatePercent, isAssumed: given === undefined };
}

function relativeStdOf(rule: { id: string }, { relativeStds }: Assumptions): number | undefined {
  return relativeStds.get(ruleNameOf(rule)) ?? relativeStds.get('');
}

function rejectUnknownNames(names: string[], { baseRates, relativeStds }: Assumptions): void {
  const stranger = [...baseRates.keys(), ...relativeStds.keys()].find(
    (name) => name !== '' && !names.includes(name),
  );
  if (stranger === undefined) return;
  const there = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
  throw new UsageError(`The plan has no comparison or goal ${stranger}: ${there}.`);
}
