import { eitherArm } from './compile-guardrails.js';
import type { Goal, GoalTarget } from '../compiled/goal.js';
import type { MetricSeries } from '../compiled/guardrail.js';
import type { GoalSpec } from '../spec/guardrails/goals.js';

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
    ...(goal.dispersion !== undefined && { dispersion: goal.dispersion }),
    ...(goal.source ? givenSeries(goal.source) : switchSeries(goal.metric, endpoint)),
  }));
}

/** Without a known delay, conversions come at least as late as their data. */
export function conversionDelaySecondsOf({ conversionDelay, dataDelay }: GoalSpec): number {
  return conversionDelay ?? dataDelay;
}

function targetOf({ minimumEffect, notWorseBy }: GoalSpec): GoalTarget {
  return notWorseBy === undefined
    ? { kind: 'better', byPercent: minimumEffect ?? 0 }
    : { kind: 'notWorse', byPercent: notWorseBy };
}

type Sources = Pick<Goal, 'kind' | 'total' | 'squares' | 'trials'>;

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

/** The switch publishes under the endpoint name that clients use, in lower case, for both arms. */
function switchSeries(metric: string, endpoint: string): Sources {
  const dimensions = {
    EndpointName: endpoint.toLowerCase(),
    RolloutId: eitherArm.rolloutId,
    Role: eitherArm.role,
  };
  const of = (name: string): MetricSeries => ({
    namespace: 'Penstock/Switch',
    name,
    stat: 'Sum',
    dimensions,
  });
  const trials = of('Exposures');
  return metric === 'value'
    ? { kind: 'mean', total: of('Value'), squares: of('ValueSquared'), trials }
    : { kind: 'proportion', total: of('Conversions'), squares: null, trials };
}
