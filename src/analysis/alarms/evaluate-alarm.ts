/**
 * Evaluates the rule of a metric alarm as CloudWatch documents it. Pure. Sources, in the CloudWatch user guide:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html and
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
import {
  alarmComparisons,
  type AlarmDatapoint,
  type MetricAlarmRule,
  type EvaluatedState,
} from './alarm-rule.js';

/**
 * CloudWatch retrieves more periods than it evaluates: the evaluation range. The user guide does not say how many more. Its
 * examples have 5 periods for 3 evaluation periods.
 */
const extraPeriods = 2;

export interface AlarmEvaluation {
  state: EvaluatedState;
  /** The datapoints that decided, oldest first. */
  datapoints: AlarmDatapoint[];
  breaching: number;
  /** How many datapoints are missing and were treated as breaching or as not breaching. */
  filled: number;
}

export function evaluationRangeMs({ evaluationPeriods, periodSeconds }: MetricAlarmRule): number {
  return (evaluationPeriods + extraPeriods) * periodSeconds * 1000;
}

/**
 * The state at `toMs`, the end of the newest period. The alarm begins without data with the first whole evaluation range
 * of `points`, and is evaluated once in each period, because a rule can keep the earlier state. Before `fillsFromMs`, missing
 * datapoints are not filled.
 */
export function evaluateAlarm(
  rule: MetricAlarmRule,
  points: readonly AlarmDatapoint[],
  { fromMs, toMs, fillsFromMs }: { fromMs: number; toMs: number; fillsFromMs: number },
): AlarmEvaluation {
  const periodMs = rule.periodSeconds * 1000;
  const rangeMs = evaluationRangeMs(rule);
  const byTime = new Map(points.map((point) => [point.atMs, point]));
  let evaluation: AlarmEvaluation = { state: 'INSUFFICIENT_DATA', datapoints: [], breaching: 0, filled: 0 };
  const first = toMs - Math.max(0, Math.floor((toMs - rangeMs - fromMs) / periodMs)) * periodMs;
  for (let endMs = first; endMs <= toMs; endMs += periodMs) {
    const range = Array.from(
      { length: rule.evaluationPeriods + extraPeriods },
      (_, i) => byTime.get(endMs - rangeMs + i * periodMs) ?? null,
    );
    evaluation = evaluateRange(rule, range, { current: evaluation.state, fills: endMs >= fillsFromMs });
  }
  return evaluation;
}

/** `fills`: whether missing data counts as breaching or as not breaching, if the rule says so. */
interface AlarmMoment {
  current: EvaluatedState;
  fills: boolean;
}

/**
 * The state by one evaluation range, oldest period first; null is a period without data. With N datapoints anywhere in
 * the range, the newest N decide. Otherwise the treatment of missing data adds the others.
 */
export function evaluateRange(
  rule: MetricAlarmRule,
  range: readonly (AlarmDatapoint | null)[],
  { current, fills }: AlarmMoment,
): AlarmEvaluation {
  const datapoints = range.filter((point) => point !== null).slice(-rule.evaluationPeriods);
  const breaching = datapoints.filter((point) => isBreaching(rule, point)).length;
  const missing = rule.evaluationPeriods - datapoints.length;
  const isFilled = fills && (rule.missingData === 'breaching' || rule.missingData === 'notBreaching');
  const counts = { breaching, within: datapoints.length - breaching, missing };
  const state = hasTooFewSamples(rule, datapoints)
    ? current
    : stateOf(rule, range, { ...counts, current, fills });
  return { state, datapoints, breaching, filled: isFilled ? missing : 0 };
}

interface Counts extends AlarmMoment {
  breaching: number;
  /** Datapoints within the threshold. */
  within: number;
  missing: number;
}

function stateOf(
  rule: MetricAlarmRule,
  range: readonly (AlarmDatapoint | null)[],
  { breaching, within, missing, current, fills }: Counts,
): EvaluatedState {
  if (breaching >= rule.datapointsToAlarm) return 'ALARM';
  switch (rule.missingData) {
    case 'breaching':
    case 'notBreaching':
      if (missing > 0 && !fills) return 'INSUFFICIENT_DATA';
      return rule.missingData === 'breaching' && breaching + missing >= rule.datapointsToAlarm
        ? 'ALARM'
        : 'OK';
    case 'ignore':
      return within > 0 ? 'OK' : current;
    case 'missing':
      if (within > 0) return 'OK';
      return hasBreachedLongEnough(rule, range) ? 'ALARM' : 'INSUFFICIENT_DATA';
  }
}

/** The guide's "premature transitions to alarm state": all data breaches, and the oldest of it is M periods old. */
function hasBreachedLongEnough(
  { datapointsToAlarm }: MetricAlarmRule,
  range: readonly (AlarmDatapoint | null)[],
): boolean {
  return range.slice(0, range.length - datapointsToAlarm + 1).some((point) => point !== null);
}

function isBreaching({ comparison, threshold }: MetricAlarmRule, { value }: AlarmDatapoint): boolean {
  return alarmComparisons[comparison].breaches(value, threshold);
}

function hasTooFewSamples(
  { minimumSamples }: MetricAlarmRule,
  datapoints: readonly AlarmDatapoint[],
): boolean {
  if (minimumSamples === null || datapoints.length === 0) return false;
  return datapoints.reduce((sum, { samples }) => sum + (samples ?? 0), 0) < minimumSamples;
}
