/** When the comparisons and goals of a plan would decide, computed with the rules of the rollout. No I/O. */
import { goalRuleOf, notWorseRuleOf } from '../../activities/monitoring/comparisons.js';
import {
  decisionTimeOf,
  type DecisionTime,
  type TestQuestion,
} from '../../analysis/time-to-decision/decision-time.js';
import type { Conditions } from '../../analysis/time-to-decision/polls.js';
import { suggestChanges, type Suggestions } from '../../analysis/time-to-decision/suggestions.js';
import {
  suggestPlannedSize,
  type PlannedSizeSuggestion,
} from '../../analysis/time-to-decision/suggest-planned-size.js';
import type { Goal } from '../../plan/compiled/goal.js';
import { hasCounts, type ComparisonGuardrail } from '../../plan/compiled/guardrail.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { watchedPeriodsOf, type WatchedPeriod } from '../../plan/schedule/watched-periods.js';
import { UsageError } from '../support/usage-error.js';

/** Known traffic figures. Keys are rule names as in `ruleNameOf`; `''` stands for all other rules. */
export interface Assumptions {
  requestsPerHour: number;
  /** Percent of requests, or of trials for a goal. */
  baseRates: Map<string, number>;
  /** Standard deviation of a value divided by its mean. */
  relativeStds: Map<string, number>;
  /** Relative, in percent. Null: the default of the rule. */
  effectPercent: number | null;
}

export interface Forecast extends DecisionTime {
  rule: string;
  label: string;
  /** The candidate to detect: worse or better by `effectPercent`, or equal. */
  finds: TestQuestion['kind'] | 'equal';
  effectPercent: number;
  /** Percent. A guardrail tolerates harm up to here; a goal requires a gain above it. */
  toleratedPercent: number;
  /** Percent. Null for values. */
  baseRatePercent: number | null;
  /** True if the base rate is the default. */
  isAssumed: boolean;
  /** The watched time of the plan, within which the rule must decide. */
  withinSeconds: number;
  /** Null if the plan is long enough. */
  help: Suggestions | null;
  /** A planned size that makes a goal decide earlier. Null: none, or a guardrail. */
  sizing: PlannedSizeSuggestion | null;
}

export interface Forecasts {
  requestsPerHour: number;
  rules: Forecast[];
  /** Labels of goals without a known relative standard deviation. */
  unknown: string[];
}

export const defaultBaseRatePercent = 1;
/** Or twice the tolerance of the rule, if that is more. */
export const defaultEffectPercent = 20;

/** Throws UsageError if a name is not a rule of the plan, or a rate is out of range. */
export function forecast(plan: Plan, assumptions: Assumptions): Forecasts {
  const periods = watchedPeriodsOf(plan.steps);
  const guardrails = plan.guardrails.filter((guardrail) => guardrail.kind === 'comparison');
  const bounds = plan.guardrails.filter((guardrail) => guardrail.kind === 'bound' && hasCounts(guardrail));
  rejectUnknownNames([...guardrails, ...bounds, ...plan.goals].map(ruleNameOf), assumptions);
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
  const rule = notWorseRuleOf(guardrail, plan.judging);
  const base = baseRateOf(guardrail, assumptions);
  const baseRate = base.baseRatePercent / 100;
  const toleratedPercent = rule.marginPercent;
  const effect = effectOf(toleratedPercent, assumptions);
  const about = { ...base, toleratedPercent, periods, assumptions };
  return [
    forecastRule(guardrail, { kind: 'worse', rule, baseRate, effect }, about),
    ...(rule.mustBeProven ? [forecastRule(guardrail, { kind: 'notWorse', rule, baseRate }, about)] : []),
  ];
}

/** A goal with target `notWorse` is forecast for an equal candidate. */
function forecastGoal(goal: Goal, plan: Plan, periods: WatchedPeriod[], assumptions: Assumptions): Forecast {
  const judged = goalRuleOf(goal, plan.goals.length, plan.judging);
  // The events of one user are a value with a mean and a deviation.
  const rule = judged.kind === 'ratio' ? { ...judged, kind: 'mean' as const } : judged;
  const toleratedPercent = Math.max(0, 100 * rule.minimumEffect);
  const effect = goal.target?.kind === 'notWorse' ? 0 : effectOf(toleratedPercent, assumptions);
  const rate = baseRateOf(goal, assumptions);
  const isRate = goal.kind === 'proportion';
  const base = isRate
    ? { mean: rate.baseRatePercent / 100, deviation: 0 }
    : { mean: 1, deviation: relativeStdOf(goal, assumptions) ?? 0 };
  return forecastRule(
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

function forecastRule(
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
  const eventDelaySeconds = 'conversionDelaySeconds' in rule ? rule.conversionDelaySeconds : 0;
  const conditions: Conditions = {
    ...{ requestsPerHour, windowSeconds, dataDelaySeconds, eventDelaySeconds, periods },
  };
  const effect = question.kind === 'notWorse' ? 0 : question.effect;
  const time = withUsageErrors(() => decisionTimeOf(question, conditions), label);
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
    sizing: question.kind === 'better' ? suggestPlannedSize(question, conditions) : null,
  };
}

function effectOf(toleratedPercent: number, { effectPercent }: Assumptions): number {
  return (effectPercent ?? Math.max(defaultEffectPercent, 2 * toleratedPercent)) / 100;
}

function withUsageErrors<T>(work: () => T, label: string): T {
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
  const unknownName = [...baseRates.keys(), ...relativeStds.keys()].find(
    (name) => name !== '' && !names.includes(name),
  );
  if (unknownName === undefined) return;
  const known = names.length === 0 ? 'the plan has none' : `expected one of ${names.join(', ')}`;
  throw new UsageError(`Unknown comparison or goal ${unknownName}: ${known}.`);
}
