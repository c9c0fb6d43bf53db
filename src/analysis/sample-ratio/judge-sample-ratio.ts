/**
 * Checks that each model gets its planned share of the traffic. A mismatch holds the promotion and never rolls back.
 */
import {
  concludeComparison,
  nothingMeasured,
  missingDataReason,
  type ComparisonRule,
  type Finding,
  type Measured,
} from '../verdicts/comparison-verdict.js';
import {
  emptyTally,
  isCount,
  tallyWindow,
  type ComparisonWindow,
  type ComparisonTally,
} from '../verdicts/comparison-windows.js';
import {
  addSplitCounts,
  sampleRatioEvidence,
  defaultConcentration,
  type SplitCounts,
} from '../statistics/sample-ratio.js';
import { updateSplitTrend, describeSplitTrend, type SplitTrend } from './split-trend.js';
import { formatEvidence } from '../verdicts/formatted-numbers.js';
import type { Verdict } from '../verdicts/verdict.js';

export interface SplitRule extends ComparisonRule {
  /**
   * Dispersion of the counts: 1 for users, or for requests that are routed independently. Above 1 if routed by user.
   */
  dispersion: number;
}

/** Carried from poll to poll. Plain JSON. */
export interface SplitState {
  tally: ComparisonTally;
  splits: SplitCounts[];
  /** Up to the window in which a mismatch was first evident. Null: no window yet. */
  trend: SplitTrend | null;
  /**
   * ISO 8601: end of the window in which a mismatch was first evident. It is never cleared, because the lost or
   * duplicated requests stay in every comparison. Null: no mismatch.
   */
  mismatchSeen: string | null;
}

const algorithm = 'split/2';

export const emptySplit: SplitState = { tally: emptyTally, splits: [], trend: null, mismatchSeen: null };

/**
 * Adds the requests and the planned share of a window. If one model has all the traffic, there is no ratio to test.
 */
export function addToSplit(rule: SplitRule, state: SplitState, window: ComparisonWindow): SplitState {
  const { tally, splits, trend, mismatchSeen } = state;
  const { candidateShare, arms } = window;
  const [baseline, candidate] = [arms.baseline.requests, arms.candidate.requests];
  if (!isCount(baseline) || !isCount(candidate) || candidateShare === null)
    return { ...state, tally: tallyWindow(tally, window, null) };
  if (candidateShare <= 0 || candidateShare >= 100)
    return { ...state, tally: tallyWindow(tally, window, emptyTally.arms) };
  const counts = {
    baseline: { requests: baseline, events: null },
    candidate: { requests: candidate, events: null },
  };
  const share = candidateShare / 100;
  const added = addSplitCounts(splits, { candidateShare: share, baseline, candidate });
  const isMismatch = evidenceOf(rule, added) >= Math.log(1 / rule.alpha);
  return {
    tally: tallyWindow(tally, window, counts),
    splits: added,
    // The windows after a mismatch was seen say nothing about its cause.
    trend:
      mismatchSeen === null
        ? updateSplitTrend(trend, window, candidate - share * (baseline + candidate))
        : trend,
    mismatchSeen: mismatchSeen ?? (isMismatch ? window.to : null),
  };
}

function evidenceOf({ dispersion }: SplitRule, splits: SplitCounts[]): number {
  return sampleRatioEvidence(splits, { concentration: defaultConcentration, dispersion });
}

/** `sampleRatioMismatch` is inconclusive, so it holds the promotion. It is never cleared. */
export function judgeSplit(rule: SplitRule, state: SplitState, windowsPlanned: number): Verdict {
  const { tally, splits } = state;
  const logE = evidenceOf(rule, splits);
  const needed = 1 / rule.alpha;
  const { requests } = tally.arms.candidate;
  const expected = expectCandidate(splits);
  const finding = find(
    rule,
    state,
    logE,
    `${requests} requests to the candidate, ${Math.round(expected)} planned`,
  );
  const measured: Measured = {
    ...nothingMeasured,
    value: requests,
    bound: expected,
    unit: 'requests',
    logE,
    needed,
  };
  const effect = expected === 0 ? null : requests / expected;
  return concludeComparison(rule, tally, {
    finding,
    measured: { ...measured, effect },
    windowsPlanned,
    algorithm,
  });
}

function find(rule: SplitRule, state: SplitState, logE: number, counts: string): Finding {
  const { tally, trend, mismatchSeen } = state;
  const text = ` ${counts}, ${formatEvidence(logE, 1 / rule.alpha)} for a mismatch`;
  if (mismatchSeen !== null && trend !== null) {
    const seen = `seen at ${mismatchSeen.slice(0, 16)}Z: ${describeSplitTrend(trend)}`;
    return { result: 'inconclusive', reason: 'sampleRatioMismatch', text: `${text}, ${seen}` };
  }
  const missing = missingDataReason(rule, tally);
  if (missing !== null) return { ...missing, text: `: ${missing.text}` };
  return { result: 'pass', reason: 'splitAsPlanned', text };
}

function expectCandidate(splits: SplitCounts[]): number {
  return splits.reduce(
    (sum, { candidateShare, baseline, candidate }) => sum + candidateShare * (baseline + candidate),
    0,
  );
}
