import { describeWindowSpan } from './bound-text.js';
import { countOutOfBound } from './bound-failures.js';
import type { BoundFinding, BoundJudgement, BoundMemory, Measurement } from './bound-judgement.js';
import { testRate } from './bound-test.js';
import type { ReasonCode, Result, Verdict } from './verdict.js';

export interface JudgedBound {
  verdict: Verdict;
  /** With the span. Null: the span has no value, so it has to be read again. */
  memory: BoundMemory | null;
}

const algorithm = 'bound/2';

/** Judges a span with enough requests. It never passes without a finite value. `before`: null for the first span. */
export function judgeBound(
  judgement: BoundJudgement,
  measured: Measurement,
  before: BoundMemory | null,
): JudgedBound {
  const windows = describeWindowSpan(judgement.span, judgement.windowsPlanned);
  const unread = (result: Result, reason: ReasonCode, text: string): JudgedBound => ({
    verdict: unknown(judgement, result, reason, text),
    memory: null,
  });
  switch (measured.kind) {
    case 'value': {
      const found = Number.isFinite(measured.value) ? find(judgement, measured, before) : null;
      if (found === null) return judgeBound(judgement, { kind: 'notANumber' }, before);
      return { verdict: verdictOf(judgement, found), memory: found.memory };
    }
    case 'absent':
      return unread('inconclusive', 'noData', `no data for ${windows}`);
    case 'notANumber':
      return unread('inconclusive', 'noData', `the data for ${windows} is not a number`);
    case 'partial':
      return unread('inconclusive', 'partialData', `the data for ${windows} is partial`);
    case 'failed':
      return unread('error', 'readError', `cannot be read (${measured.reason}), ${windows}`);
    default:
      return { verdict: failClosed(judgement, measured), memory: null };
  }
}

/** Null: the value is none of the metric. */
function find(
  judgement: BoundJudgement,
  measured: Measurement & { kind: 'value' },
  before: BoundMemory | null,
): BoundFinding | null {
  const { rule } = judgement.guardrail;
  return rule.kind === 'rate'
    ? testRate(judgement, rule, { counts: measured.counts, before })
    : countOutOfBound(judgement, rule, { value: measured.value, before });
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

function unknown(judgement: BoundJudgement, result: Result, reason: ReasonCode, text: string): Verdict {
  const message = `${judgement.guardrail.label}: ${text}`;
  return verdictOf(judgement, { result, reason, message, value: null });
}

function failClosed(judgement: BoundJudgement, measured: never): Verdict {
  return unknown(judgement, 'error', 'readError', `cannot be judged (${JSON.stringify(measured)})`);
}

function verdictOf(
  { guardrail, span, requests, windowsJudged, windowsPlanned }: BoundJudgement,
  found: Omit<BoundFinding, 'memory' | 'value'> & { value: number | null },
): Verdict {
  const { result, reason, message, value, test } = found;
  return {
    guardrail: guardrail.id,
    result,
    reason,
    message,
    evidence: {
      from: new Date(found.fromMs ?? span.fromMs).toISOString(),
      to: new Date(span.toMs).toISOString(),
      requests: found.requests ?? requests,
      value,
      bound: guardrail.bound,
      unit: guardrail.metric.unit,
      windowsJudged,
      windowsPlanned,
      ...(test && { test }),
    },
    algorithm,
  };
}
