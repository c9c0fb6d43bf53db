/** The metrics outside of AWS/SageMaker that the rules of a plan read, as the application and the switch publish them. */
import type { Goal } from '../../plan/compiled/goal.js';
import type { BoundGuardrail, ComparisonGuardrail, MetricSeries } from '../../plan/compiled/guardrail.js';
import type { Role } from '../../plan/compiled/names.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { RequestMetric, RequestValues } from '../../emulator/traffic/request-metrics.js';
import type { AmountProfile, ModelProfile } from '../scenario/scenario.js';
import { ownValue } from '../../plan/units/own-value.js';

/** A metric, and why its values are as they are; null if the scenario or the meaning of the metric says so. */
interface RuleMetric extends RequestMetric {
  assumption: string | null;
}

export interface RuleMetrics {
  metrics: RequestMetric[];
  /** Sentences, for people. */
  assumptions: string[];
}

const defaultGoalShare = 0.05;
const defaultAmount: AmountProfile = { mean: 10, std: 20 };

/** The metrics of one model. `rolloutId`: null before the rollout runs. */
export function ruleMetricsOf(
  plan: Plan,
  role: Role,
  profile: ModelProfile,
  rolloutId: string | null,
): RuleMetrics {
  const all = [
    ...plan.goals.flatMap((goal) => goalMetricsOf(goal, profile)),
    ...plan.guardrails.flatMap((guardrail) =>
      guardrail.kind === 'bound'
        ? boundMetricsOf(guardrail, profile)
        : guardrail.kind === 'comparison'
          ? comparisonMetricsOf(guardrail)
          : [],
    ),
  ].filter(({ namespace }) => !namespace.startsWith('AWS/'));
  const filled = all
    .filter((metric) => role === 'candidate' || !isOfCandidate(metric, plan.rolloutId))
    .map((metric) => ({ ...metric, dimensions: fill(metric.dimensions, { role, rolloutId }) }))
    .filter(({ dimensions }) => !Object.values(dimensions).some((value) => value.includes('{rolloutId}')));
  const distinct = new Map(filled.map((metric) => [keyOf(metric), metric]));
  return {
    metrics: [...distinct.values()].map(({ namespace, name, dimensions, values }) => ({
      ...{ namespace, name, dimensions, values },
    })),
    assumptions: [...new Set([...distinct.values()].flatMap(({ assumption }) => assumption ?? []))],
  };
}

type GivenGoal = number | AmountProfile | undefined;

export function defaultShareOf(given: GivenGoal): number {
  return typeof given === 'number' ? given : defaultGoalShare;
}

export function defaultAmountOf(given: GivenGoal): AmountProfile {
  return typeof given === 'object' ? given : defaultAmount;
}

function goalMetricsOf(goal: Goal, profile: ModelProfile): RuleMetric[] {
  const given = ownValue(profile.goals, goal.label);
  const trials = metricOf(goal.trials, { kind: 'each', value: 1 });
  if (goal.kind !== 'mean') {
    const share = defaultShareOf(given);
    const assumption =
      given === undefined ? `${goal.label}: ${percent(share)} of the requests convert` : null;
    const total = metricOf(goal.total, { kind: 'share', share, onlySuccessful: true }, assumption);
    return [trials, total, ...userMetricsOf(goal, { kind: 'each', value: share })];
  }
  const amount = defaultAmountOf(given);
  const assumption =
    given === undefined ? `${goal.label}: mean ${amount.mean}, standard deviation ${amount.std}` : null;
  return [
    trials,
    metricOf(goal.total, { kind: 'amount', ...amount }, assumption),
    ...(goal.squares === null ? [] : [metricOf(goal.squares, { kind: 'squaredAmount', ...amount })]),
    ...userMetricsOf(
      goal,
      { kind: 'each', value: amount.mean },
      { kind: 'each', value: amount.mean ** 2 + amount.std ** 2 },
    ),
  ];
}

/** So large that no number of requests counts as that of several processes. */
const oneProcess = 1e15;

/** The sums by user of users who send one request each. `total`: what each request counts. */
function userMetricsOf(
  { byUser }: Pick<Goal | ComparisonGuardrail, 'byUser'>,
  total: RequestValues,
  squared: RequestValues = total,
): RuleMetric[] {
  if (byUser === undefined) return [];
  return [
    metricOf(byUser.trials, { kind: 'each', value: 1 }),
    metricOf(byUser.total, squared),
    metricOf(byUser.product, total),
    metricOf(byUser.processes, { kind: 'perSecond', value: oneProcess }),
  ];
}

/** Requests and errors as the switch counts them. The emulator has those of SageMaker. */
function comparisonMetricsOf(guardrail: ComparisonGuardrail): RuleMetric[] {
  return [
    metricOf(guardrail.trials, { kind: 'each', value: 1 }),
    metricOf(guardrail.events, { kind: 'failures' }),
    ...userMetricsOf(guardrail, { kind: 'failures' }),
  ];
}

function boundMetricsOf(guardrail: BoundGuardrail, profile: ModelProfile): RuleMetric[] {
  const { metric } = guardrail;
  const given = ({ name }: MetricSeries) => ownValue(profile.metrics, name);
  if (metric.expression !== undefined)
    return Object.values(metric.operands).map((series) =>
      metricOf(
        series,
        { kind: 'each', value: given(series) ?? 1 },
        given(series) === undefined && !series.namespace.startsWith('AWS/')
          ? `${series.name}: 1 for each request, because an expression reads it; set it with \`metrics\``
          : null,
      ),
    );
  const { numerator, denominator } = metric;
  const value = given(numerator) ?? healthyValueOf(guardrail);
  const assumption =
    given(numerator) === undefined
      ? `${guardrail.label}: ${showValue(guardrail, value)}, within its bound`
      : null;
  if (denominator === null)
    return [metricOf(numerator, plainValuesOf(numerator.stat, guardrail.windowSeconds, value), assumption)];
  return [
    metricOf(
      numerator,
      value <= 1 ? { kind: 'share', share: value, onlySuccessful: false } : { kind: 'each', value },
      assumption,
    ),
    metricOf(denominator, { kind: 'each', value: given(denominator) ?? 1 }),
  ];
}

/** Half of an upper bound, twice a lower bound; as published, before the metric's scale. */
function healthyValueOf({ direction, bound, metric }: BoundGuardrail): number {
  const limit = bound / metric.scale;
  if (direction === 'below') return limit / 2;
  return metric.unit === 'percent' ? Math.min(2 * limit, (1 + limit) / 2) : 2 * limit;
}

/** A sum or a count over a window has this value for each window; any other statistic has it for each request. */
function plainValuesOf(stat: string, windowSeconds: number, value: number): RequestValues {
  if (stat === 'Sum') return { kind: 'perSecond', value: value / windowSeconds };
  return { kind: 'each', value };
}

function metricOf(series: MetricSeries, values: RequestValues, assumption: string | null = null): RuleMetric {
  const { namespace, name, dimensions } = series;
  return { namespace, name, dimensions, values, assumption };
}

function fill(
  dimensions: Record<string, string>,
  { role, rolloutId }: { role: Role; rolloutId: string | null },
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(dimensions).map(([name, value]) => [
      name,
      value.replaceAll('{role}', role).replaceAll('{rolloutId}', rolloutId ?? '{rolloutId}'),
    ]),
  );
}

/** The plan has the rollout's id and the candidate's role in the dimensions of a bound. */
function isOfCandidate({ dimensions }: RequestMetric, rolloutId: string): boolean {
  return Object.values(dimensions).some((value) => value === 'candidate' || value.includes(rolloutId));
}

function keyOf({ namespace, name, dimensions }: RequestMetric): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);
}

function showValue({ metric }: BoundGuardrail, value: number): string {
  return metric.unit === 'percent' ? percent(value) : String(value * metric.scale);
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(4))} %`;
}
