import type { AlarmState } from './alarm-state.js';

export interface Criteria {
  /** N of "M out of N". */
  evaluationPeriods: number;
  /** M. */
  datapointsToAlarm: number;
  missingData: 'breaching' | 'notBreaching' | 'ignore' | 'missing';
  breaches(value: number): boolean;
}

export interface AlarmJudgement<Datapoint> {
  state: AlarmState;
  /** The datapoints that decided the state, oldest first. */
  evaluated: Datapoint[];
  /** Number of datapoints that the treatment of missing data filled in. */
  missing: number;
}

/**
 * Decides the state from an evaluation range, which is longer than N and oldest first. Null is a period without data.
 * If the range has N datapoints, however old, the newest N decide and missing ones do not count. If it has fewer, the
 * treatment of missing data fills in the rest. Source: "Configuring how CloudWatch alarms treat missing data" in the
 * CloudWatch user guide, whose tables are the tests.
 */
export function judgeAlarmDatapoints<Datapoint extends { value: number }>(
  criteria: Criteria,
  range: (Datapoint | null)[],
  current: AlarmState,
): AlarmJudgement<Datapoint> {
  const { evaluationPeriods, datapointsToAlarm, missingData } = criteria;
  const evaluated = range.filter((each) => each !== null).slice(-evaluationPeriods);
  const missing = evaluationPeriods - evaluated.length;
  const breaching = evaluated.filter(({ value }) => criteria.breaches(value)).length;
  const judged = (state: AlarmState) => ({ state, evaluated, missing });
  if (breaching >= datapointsToAlarm) return judged('ALARM');
  if (missing === 0 || missingData === 'notBreaching') return judged('OK');
  if (missingData === 'breaching') return judged(breaching + missing >= datapointsToAlarm ? 'ALARM' : 'OK');
  // Here, missing data is `missing` or `ignore`, and one datapoint within the threshold is enough for OK.
  if (breaching < evaluated.length) return judged('OK');
  if (missingData === 'ignore') return judged(current);
  return judged(isOldEnough(range, datapointsToAlarm) ? 'ALARM' : 'INSUFFICIENT_DATA');
}

/** "Premature alarm state": all datapoints breach, and the oldest one is at least M periods old. */
function isOldEnough(range: (object | null)[], datapointsToAlarm: number): boolean {
  const oldest = range.findIndex((each) => each !== null);
  return oldest >= 0 && range.length - oldest >= datapointsToAlarm;
}

/** Min samples for a meaningful percentile, by the user guide: 10/(1-p), or 10/p below the median. */
export function lowSampleCount(percent: number): number {
  const fraction = percent / 100;
  return 10 / (fraction >= 0.5 ? 1 - fraction : fraction);
}
