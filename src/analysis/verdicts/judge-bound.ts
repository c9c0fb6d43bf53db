import type { BoundGuardrail } from '../../plan/compiled/guardrail.js';
import { describeBoundComparison, describeWindowSpan } from './bound-text.js';
import type { ReasonCode, Result, Verdict } from './verdict.js';
import type { WindowSpan } from './windows.js';

/** Result of reading a metric over a span. Only a finite value can pass. */
export type Measurement =
  | { kind: 'value'; value: number }
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
}

const algorithm = 'bound/1';

/** Judges a span with enough requests. It never passes without a finite value. */
export function judgeBound(judgement: BoundJudgement, measured: Measurement): Verdict {
  const { guardrail, span, windowsPlanned } = judgement;
  const windows = describeWindowSpan(span, windowsPlanned);
  switch (measured.kind) {
    case 'value': {
      if (!Number.isFinite(measured.value)) return judgeBound(judgement, { kind: 'notANumber' });
      const holds = isWithin(guardrail, measured.value);
      const message = `${describeBoundComparison(guardrail, measured.value, holds)}, ${windows}`;
      const [result, reason] = holds ? (['pass', 'withinBound'] as const) : (['fail', 'outOfBound'] as const);
      return verdict(judgement, { result, reason, message, value: measured.value });
    }
    case 'absent':
      return unknown(judgement, 'inconclusive', 'noData', `no data for ${windows}`);
    case 'notANumber':
      return unknown(judgement, 'inconclusive', 'noData', `the data for ${windows} is not a number`);
    case 'partial':
      return unknown(judgement, 'inconclusive', 'partialData', `the data for ${windows} is partial`);
    case 'failed':
      return unknown(judgement, 'error', 'readError', `cannot be read (${measured.reason}), ${windows}`);
    default:
      return failClosed(judgement, measured);
  }
}

/** The windows so far have too few requests for a verdict. */
export function tooFewRequests(judgement: BoundJudgement): Verdict {
  const windows = describeWindowSpan(judgement.span, judgement.windowsPlanned);
  const text = `${judgement.requests ?? 0} of ${judgement.guardrail.minimumRequests} requests, ${windows}`;
  return unknown(judgement, 'inconclusive', 'tooFewRequests', text);
}

export function awaitingFirstWindow(judgement: BoundJudgement): Verdict {
  const windows = describeWindowSpan(judgement.span, judgement.windowsPlanned);
  return unknown(judgement, 'inconclusive', 'awaitingFirstWindow', `waiting for ${windows}`);
}

/** The comparison is strict: the bound itself fails. */
function isWithin({ direction, bound }: BoundGuardrail, value: number): boolean {
  return direction === 'below' ? value < bound : value > bound;
}

function unknown(judgement: BoundJudgement, result: Result, reason: ReasonCode, text: string): Verdict {
  const message = `${judgement.guardrail.label}: ${text}`;
  return verdict(judgement, { result, reason, message, value: null });
}

function failClosed(judgement: BoundJudgement, measured: never): Verdict {
  return unknown(judgement, 'error', 'readError', `cannot be judged (${JSON.stringify(measured)})`);
}

function verdict(
  { guardrail, span, requests, windowsJudged, windowsPlanned }: BoundJudgement,
  said: { result: Result; reason: ReasonCode; message: string; value: number | null },
): Verdict {
  const { value, ...words } = said;
  return {
    guardrail: guardrail.id,
    ...words,
    evidence: {
      from: new Date(span.fromMs).toISOString(),
      to: new Date(span.toMs).toISOString(),
      requests,
      value,
      bound: guardrail.bound,
      unit: guardrail.metric.unit,
      windowsJudged,
      windowsPlanned,
    },
    algorithm,
  };
}
