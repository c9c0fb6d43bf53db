import type { EvaluationState } from '@aws-sdk/client-cloudwatch';
import { ServiceError } from '../../http/service-error.js';
import type { AccountState } from '../../account/account-state.js';
import { type Criteria, judgeAlarmDatapoints, lowSampleCount } from './alarm-verdict.js';
import { comparisonOf, alarmReasonOf } from './alarm-reason.js';
import { reasonDataOf } from './reason-data.js';
import { type MetricAlarm, metricStatOf, alarmPeriodOf } from './alarm-state.js';
import { repeatScalingActions, setState } from './alarm-transition.js';
import { QueryRun, readMetric, type Window } from '../queries/metric-queries.js';
import { type Datapoint, percentileOfStatistic } from '../queries/statistics.js';

/**
 * Additional periods of an evaluation range. The user guide's examples have 2 for 3 evaluation periods. It says that
 * the number depends on period and resolution, but not how.
 */
const extraPeriods = 2;
const minuteMs = 60_000;
const shortEvaluationMs = 10_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Evaluates the alarm as often as CloudWatch does, until another alarm replaces it. */
export function scheduleEvaluation(account: AccountState, alarm: MetricAlarm): void {
  const everyMs = evaluationEveryMs(alarm);
  account.scheduler.add(Math.floor(account.time / everyMs) * everyMs + everyMs, () => {
    if (account.alarms.get(alarm.name) !== alarm) return;
    evaluateMetricAlarm(account, alarm);
    repeatScalingActions(account, alarm, everyMs);
    scheduleEvaluation(account, alarm);
  });
}

export function evaluateMetricAlarm(account: AccountState, alarm: MetricAlarm): void {
  const outage = account.outages.metrics;
  // If CloudWatch cannot evaluate an alarm, it keeps the state.
  if (outage === 'partial') return setEvaluationState(account, alarm, 'PARTIAL_DATA');
  // `forbidden` applies only to callers. CloudWatch itself can read the metric.
  if (outage && outage !== 'forbidden') return setEvaluationState(account, alarm, 'EVALUATION_FAILURE');
  try {
    const range = readRange(account, alarm);
    setEvaluationState(account, alarm, null);
    judgeRange(account, alarm, range);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    alarm.reason = error.message;
    setEvaluationState(account, alarm, 'EVALUATION_ERROR');
  }
}

/** Every 10 s for a period below a minute, every hour for a range above a day, otherwise every minute. */
function evaluationEveryMs({ request }: MetricAlarm): number {
  const periodMs = alarmPeriodOf(request) * 1000;
  if (periodMs < minuteMs) return shortEvaluationMs;
  return periodMs * (request.EvaluationPeriods ?? 1) > dayMs ? hourMs : minuteMs;
}

function setEvaluationState(account: AccountState, alarm: MetricAlarm, state: EvaluationState | null): void {
  if (alarm.evaluationState === state) return;
  alarm.evaluationState = state;
  alarm.updatedAt = account.time;
}

function judgeRange(account: AccountState, alarm: MetricAlarm, periods: EvaluatedPeriod[]): void {
  const criteria = criteriaOf(alarm);
  const judgement = judgeAlarmDatapoints(
    criteria,
    periods.map(({ datapoint }) => datapoint),
    alarm.state,
  );
  const { state, evaluated } = judgement;
  if (state === alarm.state || hasTooFewSamples(alarm, evaluated)) return;
  const missing = periods.filter(({ datapoint }) => datapoint === null).map(({ start }) => start);
  const data = reasonDataOf(
    alarm,
    evaluated,
    judgement.missing > 0 ? missing.slice(-judgement.missing) : [],
    account.time,
  );
  setState(account, alarm, judgement.state, alarmReasonOf(alarm, judgement), data);
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

/** The newest value of the evaluation range. Null: it has none, or cannot be computed. */
export function newestDatapoint(account: AccountState, alarm: MetricAlarm): number | null {
  try {
    return (
      readRange(account, alarm).findLast(({ datapoint }) => datapoint !== null)?.datapoint?.value ?? null
    );
  } catch (error) {
    if (error instanceof ServiceError) return null;
    throw error;
  }
}

interface EvaluatedPeriod {
  start: number;
  /** Null: no data. */
  datapoint: Datapoint | null;
}

/** The periods of the evaluation range, oldest first. */
function readRange(account: AccountState, alarm: MetricAlarm): EvaluatedPeriod[] {
  const periodMs = alarmPeriodOf(alarm.request) * 1000;
  const periods = (alarm.request.EvaluationPeriods ?? 1) + extraPeriods;
  const to = Math.floor(account.time / alignmentMs(alarm, periodMs)) * alignmentMs(alarm, periodMs);
  const from = to - periods * periodMs;
  const datapoints = readDatapoints(account, alarm, { fromOf: () => from, to });
  const byStart = new Map(datapoints.map((each) => [each.start, each]));
  return Array.from({ length: periods }, (_, index) => {
    const start = from + index * periodMs;
    return { start, datapoint: byStart.get(start) ?? null };
  });
}

/** A sliding window moves with every evaluation. A wall clock window starts at whole periods (only in UTC). */
function alignmentMs({ request }: MetricAlarm, periodMs: number): number {
  if (request.EvaluationWindow && 'WallClockWindow' in request.EvaluationWindow) return periodMs;
  return Math.min(periodMs < minuteMs ? shortEvaluationMs : minuteMs, periodMs);
}

function readDatapoints(account: AccountState, alarm: MetricAlarm, window: Window): Datapoint[] {
  const stat = metricStatOf(alarm);
  if (stat) return readMetric(account, stat, window).datapoints;
  const queries = alarm.request.Metrics ?? [];
  const watched = queries.find((query) => query.ReturnData !== false);
  const series = watched ? new QueryRun(account, queries, window).resultOf(watched).series : [];
  const [only] = series;
  if (series.length !== 1 || !only) {
    throw new ServiceError('ValidationError', 'The expression must return a single time series.');
  }
  return [...only.points].map(([start, value]) => ({ start, value, sampleCount: 1 }));
}
