import type { EvaluationState } from '@aws-sdk/client-cloudwatch';
import { ServiceError } from '../../http/service-error.js';
import type { AccountState } from '../../account/account-state.js';
import { type Criteria, judgeAlarmDatapoints, lowSampleCount } from './alarm-verdict.js';
import { comparisonOf, reasonDataOf, alarmReasonOf } from './alarm-reason.js';
import { type MetricAlarm, metricStatOf, alarmPeriodOf } from './alarm-state.js';
import { setState } from './alarm-transition.js';
import { QueryRun, readMetric, type Window } from '../queries/metric-queries.js';
import { type Datapoint, percentileOfStatistic } from '../queries/statistics.js';

/**
 * Periods that an evaluation looks at beyond those asked for. The user guide's examples have 2 for 3; it says that the
 * number depends on period and resolution, and not how.
 */
const extraPeriods = 2;
const minuteMs = 60_000;
const shortEvaluationMs = 10_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Evaluates the alarm as often as CloudWatch does, as long as it is the current one of its name. */
export function scheduleEvaluation(world: AccountState, alarm: MetricAlarm): void {
  const everyMs = evaluationEveryMs(alarm);
  world.agenda.add(Math.floor(world.time / everyMs) * everyMs + everyMs, () => {
    if (world.alarms.get(alarm.name) !== alarm) return;
    evaluateMetricAlarm(world, alarm);
    scheduleEvaluation(world, alarm);
  });
}

export function evaluateMetricAlarm(world: AccountState, alarm: MetricAlarm): void {
  const outage = world.outages.metrics;
  // CloudWatch keeps the state that it cannot check.
  if (outage === 'partial') return setEvaluationState(world, alarm, 'PARTIAL_DATA');
  // What a caller may not read, CloudWatch itself may.
  if (outage && outage !== 'forbidden') return setEvaluationState(world, alarm, 'EVALUATION_FAILURE');
  try {
    const range = readRange(world, alarm);
    setEvaluationState(world, alarm, null);
    judgeRange(world, alarm, range);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    alarm.reason = error.message;
    setEvaluationState(world, alarm, 'EVALUATION_ERROR');
  }
}

/** Every minute; with a period below a minute every 10 s; over more than a day every hour. */
function evaluationEveryMs({ request }: MetricAlarm): number {
  const periodMs = alarmPeriodOf(request) * 1000;
  if (periodMs < minuteMs) return shortEvaluationMs;
  return periodMs * (request.EvaluationPeriods ?? 1) > dayMs ? hourMs : minuteMs;
}

function setEvaluationState(world: AccountState, alarm: MetricAlarm, state: EvaluationState | null): void {
  if (alarm.evaluationState === state) return;
  alarm.evaluationState = state;
  alarm.updatedAt = world.time;
}

function judgeRange(world: AccountState, alarm: MetricAlarm, range: (Datapoint | null)[]): void {
  const criteria = criteriaOf(alarm);
  const judgement = judgeAlarmDatapoints(criteria, range, alarm.state);
  if (judgement.state === alarm.state || hasTooFewSamples(alarm, judgement.evaluated)) return;
  const data = reasonDataOf(alarm, judgement, world.time);
  setState(world, alarm, judgement.state, alarmReasonOf(alarm, judgement), data);
}

function criteriaOf({ request }: MetricAlarm): Criteria {
  const evaluationPeriods = request.EvaluationPeriods ?? 1;
  const comparison = comparisonOf(request.ComparisonOperator);
  const threshold = request.Threshold ?? 0;
  return {
    evaluationPeriods,
    datapointsToAlarm: request.DatapointsToAlarm ?? evaluationPeriods,
    missingData: (request.TreatMissingData ?? 'missing') as Criteria['missingData'],
    breaches: (value) => comparison?.breaches(value, threshold) ?? false,
  };
}

function hasTooFewSamples({ request }: MetricAlarm, evaluated: Datapoint[]): boolean {
  if (request.EvaluateLowSampleCountPercentile !== 'ignore' || evaluated.length === 0) return false;
  const percent = percentileOfStatistic(request.ExtendedStatistic ?? '');
  const samples = evaluated.reduce((total, { sampleCount }) => total + sampleCount, 0);
  return percent !== null && samples < lowSampleCount(percent);
}

/** One entry a period of the evaluation range, oldest first; null where there is no data. */
function readRange(world: AccountState, alarm: MetricAlarm): (Datapoint | null)[] {
  const periodMs = alarmPeriodOf(alarm.request) * 1000;
  const periods = (alarm.request.EvaluationPeriods ?? 1) + extraPeriods;
  const to = Math.floor(world.time / alignmentMs(alarm, periodMs)) * alignmentMs(alarm, periodMs);
  const from = to - periods * periodMs;
  const datapoints = readDatapoints(world, alarm, { fromOf: () => from, to });
  const byStart = new Map(datapoints.map((each) => [each.start, each]));
  return Array.from({ length: periods }, (_, index) => byStart.get(from + index * periodMs) ?? null);
}

/** A sliding window moves on with every evaluation; a wall clock window begins at whole periods (UTC alone). */
function alignmentMs({ request }: MetricAlarm, periodMs: number): number {
  if (request.EvaluationWindow && 'WallClockWindow' in request.EvaluationWindow) return periodMs;
  return Math.min(periodMs < minuteMs ? shortEvaluationMs : minuteMs, periodMs);
}

function readDatapoints(world: AccountState, alarm: MetricAlarm, window: Window): Datapoint[] {
  const stat = metricStatOf(alarm);
  if (stat) return readMetric(world, stat, window).datapoints;
  const queries = alarm.request.Metrics ?? [];
  const watched = queries.find((query) => query.ReturnData !== false);
  const series = watched ? new QueryRun(world, queries, window).resultOf(watched).series : [];
  const [only] = series;
  if (series.length !== 1 || !only) {
    throw new ServiceError('ValidationError', 'The expression must return a single time series.');
  }
  return [...only.points].map(([start, value]) => ({ start, value, sampleCount: 1 }));
}
