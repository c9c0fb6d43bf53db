/** What a judgement says: never more than the data does. Plain JSON; no I/O, no clock. */
import type { Role } from '../../plan/compiled/names.js';
import type { AdvisoryScore } from './advisory-score.js';
import type { Exclusions } from './excluded-windows.js';

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
  | 'readError'
  | 'worseThanBaseline'
  | 'notWorseThanBaseline'
  | 'notShownWorse'
  | 'notProven'
  | 'better'
  | 'worse'
  | 'undecided'
  | 'tooFewEvents'
  | 'splitAsPlanned'
  | 'sampleRatioMismatch';

/** One judgement of one guardrail. `sentence` is for people: value, operator, bound, and which window. */
export interface Verdict {
  guardrail: string;
  result: Result;
  reason: ReasonCode;
  message: string;
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
  /** Of rules that compare the two models. */
  comparison?: ComparisonEvidence;
}

/** What a sequential comparison of the two models rests on. Null where it cannot be said. */
export interface ComparisonEvidence {
  arms: Record<Role, { requests: number; events: number | null }>;
  /** Candidate against baseline: a ratio of rates, or a difference as the rule measures it. */
  effect: number | null;
  /** Holds at all looks together; a bound is null where there is none yet. */
  interval: { lower: number | null; upper: number | null } | null;
  /** E-value for what the verdict is about; at `needed` (1/alpha) it decides. */
  evidence: number;
  needed: number;
  /** Of the latest window. */
  stage: number | null;
  /** Windows that were left out. */
  excludedWindows: number;
  /** Which these were, and what lies between two shares; absent: nothing. */
  exclusions?: Exclusions;
  /** For people only; null: too few windows. */
  advisory?: AdvisoryScore | null;
}

/** What one look at all guardrails amounts to. */
export type Decision =
  { kind: 'rollBack'; because: Verdict } | { kind: 'hold'; because: Verdict } | { kind: 'clear' };
