import { comparisonOf } from './alarm-reason.js';
import { type MetricAlarmRequest, alarmPeriodOf } from './alarm-state.js';
import { checkQueries, parseQuery } from '../queries/metric-queries.js';
import { idsOf } from '../metric-math/syntax.js';
import { validationFailure } from '../shapes.js';
import { parseStatistic } from '../queries/statistics.js';

const daySeconds = 86_400;
const hourSeconds = 3_600;
const maximumMetrics = 10;
const finePeriods = [10, 20, 30];

/** Refuses requests that CloudWatch's model allows but CloudWatch refuses, and features that are not emulated. */
export function checkMetricAlarm(request: MetricAlarmRequest): void {
  refuseUnemulated(request);
  if (request.Metrics) checkMetrics(request);
  else checkSingleMetric(request);
  checkPeriods(request);
  if (request.Threshold === undefined) throw validationFailure('The parameter Threshold must be specified.');
  const treatments = ['breaching', 'notBreaching', 'ignore', 'missing'];
  if (!treatments.includes(request.TreatMissingData ?? 'missing')) {
    throw validationFailure(
      `Option ${request.TreatMissingData} is not supported for TreatMissingData: ${treatments.join(', ')}`,
    );
  }
  checkLowSamples(request);
}

function refuseUnemulated(request: MetricAlarmRequest): void {
  if (request.EvaluationCriteria !== undefined) {
    throw validationFailure('EvaluationCriteria is not emulated: name a metric, or Metrics.');
  }
  if (request.ThresholdMetricId !== undefined || !comparisonOf(request.ComparisonOperator)) {
    throw validationFailure('Alarms on anomaly detection bands are not emulated: compare with a Threshold.');
  }
}

function checkSingleMetric(request: MetricAlarmRequest): void {
  if (request.MetricName === undefined || request.Namespace === undefined) {
    throw validationFailure('MetricName and Namespace must be specified where Metrics is not.');
  }
  if ((request.Statistic === undefined) === (request.ExtendedStatistic === undefined)) {
    throw validationFailure('Exactly one of Statistic and ExtendedStatistic must be specified.');
  }
  if (request.Period === undefined) throw validationFailure('The parameter Period must be specified.');
  parseStatistic(request.Statistic ?? request.ExtendedStatistic ?? '');
}

function checkMetrics(request: MetricAlarmRequest): void {
  const queries = request.Metrics ?? [];
  const doubled = (
    ['MetricName', 'Namespace', 'Dimensions', 'Period', 'Unit', 'Statistic', 'ExtendedStatistic'] as const
  ).find((name) => request[name] !== undefined);
  if (doubled) throw validationFailure(`The parameters ${doubled} and Metrics are mutually exclusive.`);
  checkQueries(queries, 'Metrics');
  if (queries.filter((query) => query.ReturnData !== false).length !== 1) {
    throw validationFailure('Exactly one element of the metrics list should return data.');
  }
  const metrics = queries.filter((query) => query.MetricStat);
  if (metrics.length > maximumMetrics || queries.length - metrics.length > maximumMetrics) {
    throw validationFailure(
      `An alarm can have at most ${maximumMetrics} metrics and ${maximumMetrics} expressions.`,
    );
  }
  if (new Set(metrics.map((query) => query.MetricStat?.Period)).size > 1) {
    throw validationFailure('All metrics of an alarm must have the same period.');
  }
  checkReferences(queries);
}

function checkReferences(queries: NonNullable<MetricAlarmRequest['Metrics']>): void {
  const known = new Set(queries.map((query) => query.Id));
  for (const query of queries.filter((each) => each.Expression !== undefined)) {
    const unknown = idsOf(parseQuery(query)).find((id) => !known.has(id));
    if (unknown) {
      throw validationFailure(`Error in expression '${query.Id}': Unknown identifier '${unknown}'`);
    }
  }
}

function checkPeriods(request: MetricAlarmRequest): void {
  const period = alarmPeriodOf(request);
  const periods = request.EvaluationPeriods;
  if (periods === undefined) throw validationFailure('The parameter EvaluationPeriods must be specified.');
  if ((request.DatapointsToAlarm ?? 0) > periods) {
    throw validationFailure('DatapointsToAlarm must not be greater than EvaluationPeriods.');
  }
  if (!finePeriods.includes(period) && (period <= 0 || period % 60 !== 0)) {
    throw validationFailure('The parameter Period must be 10, 20, 30 or a multiple of 60.');
  }
  const limit = period < hourSeconds ? daySeconds : 7 * daySeconds;
  if (period * periods > limit) {
    const span = limit === daySeconds ? 'a day' : 'seven days';
    throw validationFailure(
      `Metrics cannot be checked across more than ${span} (EvaluationPeriods * Period must be <= ${limit}).`,
    );
  }
}

function checkLowSamples({ EvaluateLowSampleCountPercentile, ExtendedStatistic }: MetricAlarmRequest): void {
  if (EvaluateLowSampleCountPercentile === undefined) return;
  if (!['evaluate', 'ignore'].includes(EvaluateLowSampleCountPercentile)) {
    // The words of CloudWatch, as moto and LocalStack have them.
    throw validationFailure(
      `Option ${EvaluateLowSampleCountPercentile} is not supported. Supported options for parameter EvaluateLowSampleCountPercentile are evaluate and ignore.`,
    );
  }
  if (ExtendedStatistic === undefined) {
    throw validationFailure('EvaluateLowSampleCountPercentile is only for alarms with an ExtendedStatistic.');
  }
}
