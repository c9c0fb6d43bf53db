import type { World } from '../world/world.js';
import { alarmsOf, isTrue } from './alarm-rule.js';
import type { Alarm, AlarmState, CompositeAlarm, MetricAlarm } from './alarm-state.js';
import { metricIdOf } from './shapes.js';
import { aggregate } from './statistics.js';

/** Periods that CloudWatch looks at beyond those asked for, so that missing ones can be made up for. */
const extraPeriods = 2;
const minuteMs = 60_000;
const shortEvaluationMs = 10_000;

const comparisons: Record<string, (value: number, threshold: number) => boolean> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/** Evaluates the alarm every minute, alarms on periods below a minute every 10 s, as long as it is the current one. */
export function scheduleEvaluation(world: World, alarm: MetricAlarm): void {
  const everyMs = alarm.request.Period < 60 ? shortEvaluationMs : minuteMs;
  world.agenda.add(Math.floor(world.time / everyMs) * everyMs + everyMs, () => {
    if (world.alarms.get(alarm.name) !== alarm) return;
    evaluateMetricAlarm(world, alarm);
    scheduleEvaluation(world, alarm);
  });
}

/** Sets the state and re-evaluates the composite alarms that read it. */
export function setState(world: World, alarm: Alarm, state: AlarmState, reason: string, data?: string): void {
  alarm.updatedAt = world.time;
  alarm.reason = reason;
  alarm.reasonData = data;
  if (state === alarm.state) return;
  alarm.state = state;
  alarm.transitionedAt = world.time;
  for (const each of world.alarms.values()) {
    if (each.kind === 'composite' && alarmsOf(each.rule).includes(alarm.name)) evaluateComposite(world, each);
  }
}

export function evaluateComposite(world: World, alarm: CompositeAlarm): void {
  const firing = isTrue(alarm.rule, (name) => world.alarms.get(name)?.state);
  const state = firing ? 'ALARM' : 'OK';
  if (state !== alarm.state) setState(world, alarm, state, `${alarm.request.AlarmRule} is ${firing}`);
}

export function evaluateMetricAlarm(world: World, alarm: MetricAlarm): void {
  alarm.evaluationFailed = world.outages.metrics === 'error';
  // CloudWatch keeps the state that it can no longer check.
  if (alarm.evaluationFailed) return;
  const values = recentValues(world, alarm);
  const state = judge(alarm, values);
  if (state === alarm.state) return;
  const { Threshold, ComparisonOperator } = alarm.request;
  const reason =
    values.length === 0
      ? 'Insufficient Data: no datapoints were received'
      : `Threshold Crossed: ${values.length} datapoints [${values.join(', ')}] against ${ComparisonOperator} ${Threshold}`;
  setState(world, alarm, state, reason, JSON.stringify({ recentDatapoints: values, threshold: Threshold }));
}

/** Values of the evaluation range, oldest first; missing periods are left out. */
function recentValues(world: World, { request }: MetricAlarm): number[] {
  const periodMs = request.Period * 1000;
  const to = Math.floor(world.time / periodMs) * periodMs;
  const from = to - (request.EvaluationPeriods + extraPeriods) * periodMs;
  const points = world.metrics.read(metricIdOf(request), request.Unit, from, to, world.time);
  const stat = request.Statistic ?? request.ExtendedStatistic ?? 'Average';
  return aggregate(points, stat, from, periodMs).map(({ value }) => value);
}

/** Source: "Configuring how CloudWatch alarms treat missing data" in the CloudWatch user guide. */
function judge(alarm: MetricAlarm, values: number[]): AlarmState {
  const { EvaluationPeriods, DatapointsToAlarm, ComparisonOperator, Threshold, TreatMissingData } =
    alarm.request;
  const treatment = TreatMissingData ?? 'missing';
  const compare = comparisons[ComparisonOperator];
  const newest = values.slice(-EvaluationPeriods);
  const breaching = newest.filter((value) => compare?.(value, Threshold)).length;
  const missing = EvaluationPeriods - newest.length;
  const needed = DatapointsToAlarm ?? EvaluationPeriods;
  if (newest.length === 0 && treatment === 'missing') return 'INSUFFICIENT_DATA';
  if (newest.length === 0 && treatment === 'ignore') return alarm.state;
  if (breaching + (treatment === 'breaching' ? missing : 0) >= needed) return 'ALARM';
  if (missing > 0 && breaching > 0 && breaching === newest.length) {
    if (treatment === 'missing') return 'ALARM';
    if (treatment === 'ignore') return alarm.state;
  }
  return 'OK';
}
