import { defaultCap, type Goal, type GoalTarget } from '../compiled/goal.js';
import type { MetricSeries } from '../compiled/guardrail.js';
import { isValue, type GoalSpec, type SwitchMetric } from '../spec/guardrails/goals.js';
import type { SwitchCount } from '../split/switch-metrics.js';
import { switchSeriesOf, userSeriesOf } from './switch-series.js';

/** The goals with their series. Placeholders stand for the arm. */
export function compileGoals(goals: GoalSpec[], endpoint: string): Goal[] {
  return goals.map((goal) => ({
    id: `goal:${goal.metric}`,
    label: goal.metric,
    higherIsBetter: goal.higherIsBetter,
    windowSeconds: goal.window,
    dataDelaySeconds: goal.dataDelay,
    conversionDelaySeconds: conversionDelaySecondsOf(goal),
    target: targetOf(goal),
    ...(isValue(goal) && { cap: goal.cap ?? defaultCap }),
    ...(goal.dispersion !== undefined && { dispersion: goal.dispersion }),
    ...(goal.source ? givenSeries(goal.source) : switchSeries(goal, endpoint)),
  }));
}

/**
 * Without a known delay, conversions come at least as late as their data. The switch counts users, and conversions of
 * the current share only, from the change on: a window that is left out would lose its users.
 */
export function conversionDelaySecondsOf({ metric, source, conversionDelay, dataDelay }: GoalSpec): number {
  if (source === undefined && metric === 'conversionsPerUser') return 0;
  return conversionDelay ?? dataDelay;
}

function targetOf({ minimumEffect, notWorseBy }: GoalSpec): GoalTarget {
  return notWorseBy === undefined
    ? { kind: 'better', byPercent: minimumEffect ?? 0 }
    : { kind: 'notWorse', byPercent: notWorseBy };
}

type Sources = Pick<Goal, 'kind' | 'total' | 'squares' | 'trials' | 'byUser'>;

function givenSeries({
  namespace,
  name,
  per,
  squares,
  dimensions,
}: NonNullable<GoalSpec['source']>): Sources {
  const of = (metric: string): MetricSeries => ({ namespace, name: metric, stat: 'Sum', dimensions });
  return {
    kind: squares === undefined ? 'proportion' : 'mean',
    total: of(name),
    squares: squares === undefined ? null : of(squares),
    trials: of(per),
  };
}

/** A `dispersion` of the spec replaces the variance by user. */
function switchSeries({ metric, dispersion }: GoalSpec, endpoint: string): Sources {
  const { kind, trials, total, squares } = switchGoals[metric as SwitchMetric];
  const of = (name: string) => switchSeriesOf(name, endpoint);
  return {
    kind,
    total: of(total),
    squares: squares === null ? null : of(squares),
    trials: of(trials),
    ...(dispersion === undefined && { byUser: userSeriesOf(trials, total, endpoint) }),
  };
}

interface SwitchGoal {
  kind: Goal['kind'];
  trials: SwitchCount;
  total: SwitchCount;
  squares: string | null;
}

const switchGoals: Record<SwitchMetric, SwitchGoal> = {
  conversion: { kind: 'proportion', trials: 'Exposures', total: 'Conversions', squares: null },
  value: { kind: 'mean', trials: 'Exposures', total: 'Value', squares: 'ValueSquared' },
  conversionsPerUser: { kind: 'ratio', trials: 'Users', total: 'Conversions', squares: null },
};
