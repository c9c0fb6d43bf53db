/** What a judgement says: never more than the data does. Plain JSON; no I/O, no clock. */

export type Result = 'pass' | 'fail' | 'inconclusive' | 'error';

export type ReasonCode =
  | 'withinBound'
  | 'outOfBound'
  | 'alarmOk'
  | 'alarmFiring'
  | 'alarmMissing'
  | 'alarmInsufficientData'
  | 'alarmNotEvaluated'
  | 'awaitingFirstWindow'
  | 'tooFewRequests'
  | 'noData'
  | 'partialData'
  | 'readError';

/** One judgement of one guardrail. `sentence` is for people: value, operator, bound, and which window. */
export interface Verdict {
  guardrail: string;
  result: Result;
  reason: ReasonCode;
  sentence: string;
  evidence: Evidence;
  /** Name and version of the rule that judged, e.g. `bound/1`. */
  algorithm: string;
}

export interface Evidence {
  /** ISO 8601, UTC; the span of data judged. Null for alarms. */
  from: string | null;
  to: string | null;
  requests: number | null;
  value: number | null;
  bound: number | null;
  unit: string | null;
  windowsJudged: number;
  windowsPlanned: number;
}

/** What one look at all guardrails amounts to. */
export type Decision =
  { kind: 'rollBack'; because: Verdict } | { kind: 'hold'; because: Verdict } | { kind: 'clear' };
