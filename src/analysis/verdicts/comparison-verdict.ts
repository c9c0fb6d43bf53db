/** Verdicts of rules that compare the two models, and their messages. */
import type { ComparisonTally } from './comparison-windows.js';
import {
  describeTimeToDecision,
  type ObservedTraffic,
  type EvidenceState,
} from '../time-to-decision/time-to-decision.js';
import type { ComparisonEvidence, Evidence, ReasonCode, Result, Verdict } from './verdict.js';

/** Common fields of all comparison rules. */
export interface ComparisonRule {
  id: string;
  /** Shown to people, e.g. `error rate`. */
  label: string;
  /** Probability of a false alarm of this rule over the whole rollout. */
  alpha: number;
  /** The rule does not pass if more of the windows than this have no usable data. */
  maximumExcludedPercent: number;
}

export interface Finding {
  result: Result;
  reason: ReasonCode;
  /** Without the label. */
  text: string;
}

export interface Measured {
  value: number | null;
  bound: number | null;
  unit: string | null;
  effect: number | null;
  interval: ComparisonEvidence['interval'];
  /** ISO 8601: start of the windows that `value`, `effect` and `interval` are of. Absent: the first window. */
  since?: string;
  logE: number;
  needed: number;
  /** Present if the measured evidence can still decide. */
  evidenceState?: Pick<EvidenceState, 'maturity' | 'sides'>;
}

export const nothingMeasured: Omit<Measured, 'needed'> = {
  value: null,
  bound: null,
  unit: null,
  effect: null,
  interval: null,
  logE: 0,
};

/** Null if the tally has enough data for a pass. */
export function missingDataReason(rule: ComparisonRule, tally: ComparisonTally): Finding | null {
  const { windows, excludedWindows } = tally;
  if (windows === 0) return { result: 'inconclusive', reason: 'awaitingFirstWindow', text: 'no window yet' };
  if (windows === excludedWindows) {
    const text = `no usable data from both models in ${countWindows(windows)}`;
    return { result: 'inconclusive', reason: 'noData', text };
  }
  if (excludedWindows * 100 <= windows * rule.maximumExcludedPercent) return null;
  const text = `${excludedWindows} of ${countWindows(windows)} without usable data`;
  return { result: 'inconclusive', reason: 'partialData', text };
}

/** Texts and intervals are computed lazily: a poll needs only the result, people need the rest. */
export function concludeComparison(
  rule: ComparisonRule,
  tally: ComparisonTally,
  conclusion: { finding: Finding; measured: Measured; windowsPlanned: number; algorithm: string },
): Verdict {
  const { finding, measured, windowsPlanned, algorithm } = conclusion;
  const { value, bound, unit, effect, logE, needed } = measured;
  const { from, to, stage, windows, excludedWindows, exclusions, arms } = tally;
  const requests = arms.baseline.requests + arms.candidate.requests;
  const comparison = {
    arms,
    effect,
    get interval() {
      return measured.interval;
    },
    ...(measured.since !== undefined && { since: measured.since }),
    evidence: evidenceOf(logE),
    needed,
    stage,
    excludedWindows,
    ...(exclusions && { exclusions }),
  };
  const evidence: Evidence = {
    from,
    to,
    requests,
    value,
    bound,
    unit,
    windowsJudged: windows,
    windowsPlanned,
  };
  return {
    guardrail: rule.id,
    result: finding.result,
    reason: finding.reason,
    get message() {
      return `${rule.label}${finding.text}${timeToDecisionOf(finding, measured, { from, to, requests })}`;
    },
    evidence: { ...evidence, comparison },
    algorithm,
  };
}

function timeToDecisionOf(
  { reason }: Finding,
  { logE, needed, evidenceState }: Measured,
  observed: ObservedTraffic,
): string {
  const isUndecided = reason === 'undecided' || reason === 'notProven';
  return isUndecided && evidenceState
    ? describeTimeToDecision({ logE, needed, ...evidenceState }, observed)
    : '';
}

/** Limited to the numbers that JSON can represent. */
function evidenceOf(logE: number): number {
  return Math.min(Math.exp(logE), Number.MAX_VALUE);
}

function countWindows(windows: number): string {
  return windows === 1 ? '1 window' : `${windows} windows`;
}
