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
  /** What the state was judged by, oldest first. */
  evaluated: Datapoint[];
  /** How many datapoints had to be made up for by the treatment of missing data. */
  missing: number;
}

/**
 * Judges an evaluation range, which is longer than N and oldest first; null is a period without data. Source:
 * "Configuring how CloudWatch alarms treat missing data" in the CloudWatch user guide, whose tables are the tests. Where
 * there are N datapoints in the range, however old, the newest N decide and missing ones do not count. Where there are
 * fewer, the rest is filled in by the treatment.
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
  // From here on missing data is missing or ignored, and one sound datapoint is enough for OK.
  if (breaching < evaluated.length) return judged('OK');
  if (missingData === 'ignore') return judged(current);
  return judged(isOldEnough(range, datapointsToAlarm) ? 'ALARM' : 'INSUFFICIENT_DATA');
}

/** "Premature alarm state": all there is breaches, and the oldest of it is M periods old at least. */
function isOldEnough(range: (object | null)[], datapointsToAlarm: number): boolean {
  const oldest = range.findIndex((each) => each !== null);
  return oldest >= 0 && range.length - oldest >= datapointsToAlarm;
}

/** Below this many samples a percentile says little, the user guide holds: 10/(1-p), or 10/p below the median. */
export function lowSampleCount(percent: number): number {
  const fraction = percent / 100;
  return 10 / (fraction >= 0.5 ? 1 - fraction : fraction);
}
