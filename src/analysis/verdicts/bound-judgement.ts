/** The judged span of a bound, the memory of its rule and the rule's finding. Types only. */
import type { BoundGuardrail } from '../../plan/compiled/guardrail.js';
import type { RateTest } from '../statistics/rate-test.js';
import type { BoundTestEvidence, ReasonCode, Result } from './verdict.js';
import type { WindowSpan } from './windows.js';

/** The false alarms that the rule may raise over the whole rollout. */
export interface BoundTest {
  /** Chance of a false alarm within `plannedWindows`. */
  alpha: number;
  /** Windows of the whole rollout. */
  plannedWindows: number;
}

/** Result of reading a metric over a span. Only a finite value can pass. `counts`: of a quotient. */
export type Measurement =
  | { kind: 'value'; value: number; counts?: { events: number; requests: number } }
  | { kind: 'absent' }
  | { kind: 'notANumber' }
  | { kind: 'partial' }
  | { kind: 'failed'; reason: string };

export interface BoundJudgement {
  guardrail: BoundGuardrail;
  span: WindowSpan;
  /** Null if unknown. */
  requests: number | null;
  windowsJudged: number;
  windowsPlanned: number;
  test: BoundTest;
}

/** The rule's memory of the earlier spans of the stage. Plain JSON. `outOfBound`: of the latest spans, in order. */
export type BoundMemory = { kind: 'rate'; test: RateTest } | { kind: 'windows'; outOfBound: boolean[] };

/** The finding of a rule on a span with a value. `message`: complete. */
export interface BoundFinding {
  result: Result;
  reason: ReasonCode;
  message: string;
  value: number;
  memory: BoundMemory;
  /** Start and requests of the judged data, if it is more than the span. */
  fromMs?: number;
  requests?: number;
  test?: BoundTestEvidence;
}
