import type { AlarmGuardrail } from '../../plan/compiled/guardrail.js';
import type { Evidence, ReasonCode, Result, Verdict } from './verdict.js';

/** One alarm in CloudWatch. Composite alarms have no `evaluationState`. */
export type AlarmReading =
  | {
      kind: 'alarm';
      state: string;
      /** Set if CloudWatch could not evaluate the alarm fully. The state is then outdated. */
      evaluationState: string | null;
      stateReason: string | null;
      /** ISO 8601: time of the last state change. */
      since: string | null;
    }
  | { kind: 'missing' }
  /** `isTransient`: the failure ends on its own, for example throttling. */
  | { kind: 'failed'; reason: string; isTransient: boolean };

const algorithm = 'alarm/1';

/** Alarms have no spans and no values. */
export const noEvidence: Evidence = {
  from: null,
  to: null,
  requests: null,
  value: null,
  bound: null,
  unit: null,
  windowsJudged: 0,
  windowsPlanned: 0,
};

/** An alarm passes only if it is evaluated and OK. A firing alarm always fails. */
export function judgeAlarm(guardrail: AlarmGuardrail, reading: AlarmReading): Verdict {
  const [result, reason, text] = judge(reading);
  const message = `alarm ${guardrail.alarmName} ${text}`;
  return { guardrail: guardrail.id, result, reason, message, evidence: noEvidence, algorithm };
}

function judge(reading: AlarmReading): [Result, ReasonCode, string] {
  switch (reading.kind) {
    case 'missing':
      return ['error', 'alarmMissing', 'does not exist'];
    case 'failed':
      return ['error', 'readError', `cannot be read (${reading.reason})`];
    case 'alarm': {
      const { state, evaluationState, stateReason, since } = reading;
      if (state === 'ALARM') {
        const why = stateReason === null ? '' : `: ${stateReason}`;
        return ['fail', 'alarmFiring', `is in ALARM${since === null ? '' : ` since ${since}`}${why}`];
      }
      // In its warm-up, CloudWatch does not evaluate an alarm because it has no data yet:
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
      if (evaluationState !== null && evaluationState !== 'IN_WARM_UP') {
        return ['inconclusive', 'alarmNotEvaluated', `is not evaluated (${evaluationState})`];
      }
      if (state === 'INSUFFICIENT_DATA')
        return ['inconclusive', 'alarmInsufficientData', 'has insufficient data'];
      if (state === 'OK') return ['pass', 'alarmOk', 'OK'];
      return ['error', 'readError', `is in the unknown state ${state}`];
    }
    default:
      return ['error', 'readError', `cannot be judged (${JSON.stringify(reading satisfies never)})`];
  }
}
