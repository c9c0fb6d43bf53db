import type { CandidateAlarmGuardrail } from '../../plan/compiled/guardrail.js';
import { alarmComparisons, type AlarmDatapoint, type MetricAlarmRule } from '../alarms/alarm-rule.js';
import { evaluateAlarm, type AlarmEvaluation } from '../alarms/evaluate-alarm.js';
import { noEvidence } from './judge-alarm.js';
import type { ReasonCode, Result, Verdict } from './verdict.js';

/** The rule of an alarm, and the candidate's data for it: finite values. Times in milliseconds since the epoch. */
export type CandidateAlarmReading =
  | { kind: 'read'; rule: MetricAlarmRule; points: AlarmDatapoint[]; fromMs: number; toMs: number }
  | { kind: 'missing' }
  /** `reason`: why the alarm cannot be evaluated for another variant. */
  | { kind: 'unsuitable'; reason: string }
  | { kind: 'partial' }
  | { kind: 'failed'; reason: string };

/**
 * `sinceMs`: the weights were verified then. `servesSinceMs`: the candidate's first users. A variant with its name can have older
 * data, of an earlier rollout. `dataDelayMs`: until the data of a period counts as complete.
 */
export interface CandidateAlarmTimes {
  sinceMs: number;
  servesSinceMs: number;
  dataDelayMs: number;
}

/** As CloudWatch's evaluation state. */
const partialData = 'PARTIAL_DATA';
const algorithm = 'candidateAlarm/1';

/**
 * An alarm of the candidate fails as soon as its rule says ALARM. It passes only if its evaluation periods began after
 * the weights were verified, and if the data since then is enough: until then, missing data means that the candidate had no
 * users, and earlier data is of another share.
 */
export function judgeCandidateAlarm(
  guardrail: CandidateAlarmGuardrail,
  reading: CandidateAlarmReading,
  times: CandidateAlarmTimes,
): Verdict {
  const [result, reason, text] = judge(reading, times);
  const message = `alarm ${guardrail.alarmName} ${text}`;
  return { guardrail: guardrail.id, result, reason, message, evidence: noEvidence, algorithm };
}

function judge(reading: CandidateAlarmReading, times: CandidateAlarmTimes): [Result, ReasonCode, string] {
  switch (reading.kind) {
    case 'missing':
      return ['error', 'alarmMissing', 'does not exist'];
    case 'unsuitable':
      return ['error', 'alarmNotEvaluated', `cannot be evaluated for the candidate: ${reading.reason}`];
    case 'failed':
      return ['error', 'readError', `cannot be read (${reading.reason})`];
    case 'partial':
      return ['inconclusive', 'alarmNotEvaluated', `is not evaluated (${partialData})`];
    case 'read':
      return judgeData(reading, times);
  }
}

function judgeData(
  { rule, points, fromMs, toMs }: CandidateAlarmReading & { kind: 'read' },
  { sinceMs, servesSinceMs, dataDelayMs }: CandidateAlarmTimes,
): [Result, ReasonCode, string] {
  const settledMs = sinceMs + rule.evaluationPeriods * rule.periodSeconds * 1000 + dataDelayMs;
  const ownPoints = points.filter(({ atMs }) => atMs >= servesSinceMs);
  const span = { fromMs, toMs, fillsFromMs: settledMs };
  const evaluation = evaluateAlarm(rule, ownPoints, span);
  if (evaluation.state === 'ALARM')
    return ['fail', 'alarmFiring', `is in ALARM for the candidate: ${describe(rule, evaluation)}`];
  if (toMs < settledMs)
    return [
      'inconclusive',
      'awaitingFirstWindow',
      `waiting for the candidate's data until ${new Date(settledMs).toISOString()}`,
    ];
  const sinceWeights = ownPoints.filter(({ atMs }) => atMs >= sinceMs);
  return evaluateAlarm(rule, sinceWeights, span).state === 'OK'
    ? ['pass', 'alarmOk', 'OK for the candidate']
    : ['inconclusive', 'alarmInsufficientData', 'has insufficient data for the candidate'];
}

/** `2 of 3 datapoints > 5, the newest 7.2`. */
function describe(rule: MetricAlarmRule, { datapoints, breaching, filled }: AlarmEvaluation): string {
  const { sign } = alarmComparisons[rule.comparison];
  const newest = datapoints.at(-1);
  return [
    `${breaching} of ${rule.evaluationPeriods} datapoints ${sign} ${rule.threshold}`,
    ...(newest === undefined ? [] : [`the newest ${Number(newest.value.toPrecision(4))}`]),
    ...(filled === 0 ? [] : [`${filled} missing`]),
  ].join(', ');
}
