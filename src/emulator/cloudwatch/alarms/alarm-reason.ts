import type { AlarmJudgement } from './alarm-verdict.js';
import type { AlarmState, MetricAlarm } from './alarm-state.js';
import type { Datapoint } from '../queries/statistics.js';

const comparisons: Record<
  string,
  { words: string; breaches: (value: number, threshold: number) => boolean }
> = {
  GreaterThanThreshold: { words: 'greater than', breaches: (value, threshold) => value > threshold },
  GreaterThanOrEqualToThreshold: {
    words: 'greater than or equal to',
    breaches: (value, threshold) => value >= threshold,
  },
  LessThanThreshold: { words: 'less than', breaches: (value, threshold) => value < threshold },
  LessThanOrEqualToThreshold: {
    words: 'less than or equal to',
    breaches: (value, threshold) => value <= threshold,
  },
};

/** The operators for a static threshold. Undefined for any other operator. */
export function comparisonOf(operator: string | undefined) {
  return comparisons[operator ?? ''];
}

/** The reason of a state in CloudWatch's words, as its notifications show it. */
export function alarmReasonOf(alarm: MetricAlarm, judgement: AlarmJudgement<Datapoint>): string {
  const { evaluated, missing, state } = judgement;
  const periods = alarm.request.EvaluationPeriods ?? 1;
  if (state === 'INSUFFICIENT_DATA')
    return `Insufficient Data: ${counted(periods, 'datapoint', ' unknown')}.`;
  const comparison = comparisonOf(alarm.request.ComparisonOperator);
  const threshold = alarm.request.Threshold ?? 0;
  const supporting = evaluated.filter(
    ({ value }) => (comparison?.breaches(value, threshold) ?? false) === (state === 'ALARM'),
  );
  if (supporting.length === 0) {
    const received =
      evaluated.length === 0 ? 'no datapoints were' : counted(evaluated.length, 'datapoint', '');
    return `Threshold Crossed: ${received} received for ${periods} ${plural(periods, 'period')}${filled(alarm, missing)}.`;
  }
  const list = supporting.map(({ value, start }) => `${double(value)} (${shortDate(start)})`).reverse();
  const isM = alarm.request.DatapointsToAlarm !== undefined;
  const count = isM
    ? `${supporting.length} out of the last ${periods} datapoints`
    : `${supporting.length} ${plural(supporting.length, 'datapoint')}`;
  const verb = `${supporting.length === 1 ? 'was' : 'were'}${state === 'ALARM' ? '' : ' not'}`;
  const crossing = `[${list.join(', ')}] ${verb} ${comparison?.words ?? ''} the threshold (${double(threshold)})`;
  return `Threshold Crossed: ${count} ${crossing}${filled(alarm, missing)}${isM ? minimum(alarm, state) : ''}.`;
}

function filled({ request }: MetricAlarm, missing: number): string {
  const treatment = { breaching: 'Breaching', notBreaching: 'NonBreaching' }[request.TreatMissingData ?? ''];
  if (missing === 0 || treatment === undefined) return '';
  return ` and ${missing} missing ${plural(missing, 'datapoint')} ${missing === 1 ? 'was' : 'were'} treated as [${treatment}]`;
}

function minimum({ request }: MetricAlarm, state: AlarmState): string {
  const { EvaluationPeriods = 1, DatapointsToAlarm = EvaluationPeriods } = request;
  const [count, transition] =
    state === 'ALARM'
      ? [DatapointsToAlarm, 'OK -> ALARM']
      : [EvaluationPeriods - DatapointsToAlarm + 1, 'ALARM -> OK'];
  return ` (minimum ${count} ${plural(count, 'datapoint')} for ${transition} transition)`;
}

function counted(count: number, noun: string, rest: string): string {
  return `${count} ${plural(count, noun)} ${count === 1 ? 'was' : 'were'}${rest}`;
}

function plural(count: number, noun: string): string {
  return count === 1 ? noun : `${noun}s`;
}

/** Formats 5 as 5.0. */
export function double(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/** 02/10/19 16:59:00 */
function shortDate(time: number): string {
  const [, year, month, day, clock] =
    /^\d\d(\d\d)-(\d\d)-(\d\d)T([\d:]{8})/.exec(new Date(time).toISOString()) ?? [];
  return `${day}/${month}/${year} ${clock}`;
}

export function longDate(time: number): string {
  return new Date(time).toISOString().replace('Z', '+0000');
}
