/** Does each model get the share of traffic that was planned? A mismatch freezes promotion; it never rolls back. */
import {
  conclude,
  evidenceInWords,
  nothingMeasured,
  whatIsMissing,
  type ComparisonRule,
  type Finding,
  type Measured,
} from './comparison-verdict.js';
import { emptyTally, isCount, tallyWindow, type ComparisonWindow, type Tally } from './comparison-windows.js';
import {
  addSplitCounts,
  sampleRatioEvidence,
  usualConcentration,
  type SplitCounts,
} from './statistics/sample-ratio.js';
import type { Verdict } from './verdict.js';

export interface SplitRule extends ComparisonRule {
  /** Of the counts: 1 for users or for requests that are routed one by one, more where a user's requests stay together. */
  dispersion: number;
}

/** Carried from look to look; plain JSON. */
export interface SplitState {
  tally: Tally;
  splits: SplitCounts[];
}

const algorithm = 'split/1';

export const emptySplit: SplitState = { tally: emptyTally, splits: [] };

/** Of a window, the requests and the planned share count. With all traffic planned for one model there is no ratio to test. */
export function addToSplit({ tally, splits }: SplitState, window: ComparisonWindow): SplitState {
  const { candidateShare, arms } = window;
  const [baseline, candidate] = [arms.baseline.requests, arms.candidate.requests];
  if (!isCount(baseline) || !isCount(candidate) || candidateShare === null)
    return { tally: tallyWindow(tally, window, null), splits };
  if (candidateShare <= 0 || candidateShare >= 100)
    return { tally: tallyWindow(tally, window, emptyTally.arms), splits };
  const counts = {
    baseline: { requests: baseline, events: null },
    candidate: { requests: candidate, events: null },
  };
  return {
    tally: tallyWindow(tally, window, counts),
    splits: addSplitCounts(splits, { candidateShare: candidateShare / 100, baseline, candidate }),
  };
}

/** `splitMismatch` is inconclusive: it holds a promotion. Once seen, it is for the caller to remember. */
export function judgeSplit(rule: SplitRule, { tally, splits }: SplitState, windowsPlanned: number): Verdict {
  const settings = { concentration: usualConcentration, dispersion: rule.dispersion };
  const logE = sampleRatioEvidence(splits, settings);
  const needed = 1 / rule.alpha;
  const { requests } = tally.arms.candidate;
  const expected = expectCandidate(splits);
  const finding = find(
    rule,
    tally,
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
  return conclude(rule, tally, { finding, measured: { ...measured, effect }, windowsPlanned, algorithm });
}

function find(rule: SplitRule, tally: Tally, logE: number, what: string): Finding {
  const text = ` ${what}, ${evidenceInWords(logE, 1 / rule.alpha)} for a mismatch`;
  if (logE >= Math.log(1 / rule.alpha)) return { result: 'inconclusive', reason: 'splitMismatch', text };
  const missing = whatIsMissing(rule, tally);
  if (missing !== null) return { ...missing, text: `: ${missing.text}` };
  return { result: 'pass', reason: 'splitAsPlanned', text };
}

function expectCandidate(splits: SplitCounts[]): number {
  return splits.reduce(
    (sum, { candidateShare, baseline, candidate }) => sum + candidateShare * (baseline + candidate),
    0,
  );
}
