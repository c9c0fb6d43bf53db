/** Verdicts of guardrails and goals. Plain JSON; no I/O, no clock. */
import type { Role } from '../../plan/compiled/names.js';
import type { Exclusions } from './excluded-windows.js';

export type Result = 'pass' | 'fail' | 'inconclusive' | 'error';

export type ReasonCode =
  | 'withinBound'
  | 'outOfBound'
  | 'notConfirmed'
  | 'alarmOk'
  | 'alarmFiring'
  | 'alarmMissing'
  | 'alarmInsufficientData'
  | 'alarmNotEvaluated'
  | 'awaitingFirstWindow'
  | 'tooFewRequests'
  | 'noData'
  | 'partialData'
  | 'readError'
  | 'worseThanBaseline'
  | 'notWorseThanBaseline'
  | 'notShownWorse'
  | 'notProven'
  | 'better'
  | 'worse'
  | 'undecided'
  | 'tooFewEvents'
  | 'awaitingCap'
  | 'notACount'
  | 'splitAsPlanned'
  | 'sampleRatioMismatch';

/** One verdict on one guardrail. `message` is for people: value, operator, bound and window. */
export interface Verdict {
  guardrail: string;
  result: Result;
  reason: ReasonCode;
  message: string;
  evidence: Evidence;
  /** Name and version of the algorithm, e.g. `bound/2`. */
  algorithm: string;
  /** The rollout reports this failure and continues. Absent: a failure rolls back. */
  onFail?: 'report';
}

export interface Evidence {
  /** Span of the judged data, ISO 8601, UTC. Null for alarms. */
  from: string | null;
  to: string | null;
  requests: number | null;
  value: number | null;
  bound: number | null;
  unit: string | null;
  windowsJudged: number;
  windowsPlanned: number;
  /** Only for a bound that is a test. */
  test?: BoundTestEvidence;
  /** Only for rules that compare the two models. */
  comparison?: ComparisonEvidence;
}

/** E-value of a rate out of its bound. The rule fails at `needed` (1/alpha). */
export interface BoundTestEvidence {
  evidence: number;
  needed: number;
}

/** Evidence of a sequential comparison of the two models. Null values are unknown. */
export interface ComparisonEvidence {
  arms: Record<Role, { requests: number; events: number | null }>;
  /** Candidate relative to baseline: a ratio of rates, or a difference on the rule's scale. */
  effect: number | null;
  /** Confidence interval of the decision, valid over all polls. A null bound does not exist yet. */
  interval: { lower: number | null; upper: number | null } | null;
  /** ISO 8601: start of the windows that `effect` and `interval` are of. Absent: the first window. */
  since?: string;
  /** E-value of the verdict. The rule decides at `needed` (1/alpha). */
  evidence: number;
  needed: number;
  /** Stage of the latest window. */
  stage: number | null;
  /** Number of excluded windows. */
  excludedWindows: number;
  /** The excluded windows, and the windows between two shares. Absent: none. */
  exclusions?: Exclusions;
}

/** The decision of one poll over all guardrails. */
export type Decision =
  { kind: 'rollBack'; because: Verdict } | { kind: 'hold'; because: Verdict } | { kind: 'clear' };
