/**
 * Guardrail: the candidate's rate of errors or slow requests is not worse than the baseline's by more than a margin.
 */
import {
  concludeComparison,
  formatEvidence,
  nothingMeasured,
  formatNumber,
  missingDataReason,
  type ComparisonRule,
  type Finding,
  type Measured,
} from './comparison-verdict.js';
import {
  emptyTally,
  readCounts,
  tallyWindow,
  type ComparisonWindow,
  type ComparisonTally,
} from './comparison-windows.js';
import { maturityOfCounts } from '../time-to-decision/time-to-decision.js';
import {
  addWindow,
  countEvidence,
  emptyCountTest,
  isPossible,
  type CountEvidence,
  type CountTest,
} from '../statistics/count-test.js';
import { logSumExp } from '../statistics/log-sum.js';
import { logOneSidedEvidence } from '../statistics/sample-ratio.js';
import type { ReasonCode, Result, Verdict } from './verdict.js';

export interface NotWorseRule extends ComparisonRule {
  /** Relative to the baseline's rate: 10 tolerates a rate that is a tenth higher. */
  marginPercent: number;
  /** Variance divided by mean of the counts in past periods, at least 1. */
  dispersion: number;
  /** The rule does not pass if either arm has fewer requests. */
  minimumRequests: number;
  /**
   * True: a pass needs proof, which is an upper bound of the ratio under the margin. False: a pass needs only the
   * absence of evidence of harm.
   */
  mustBeProven: boolean;
  /** A candidate's rate that is proven to be under this is not worse, at any ratio. Null: no such rate. */
  negligiblePercent: number | null;
}

/** Carried from poll to poll. Plain JSON. */
export interface NotWorseState {
  tally: ComparisonTally;
  test: CountTest;
  /** Mantel-Haenszel weight of the requests. The test's weighted events divided by this give the two rates. */
  weight: number;
}

const algorithm = 'not-worse/1';

/** Throws RangeError for a margin, dispersion or alpha outside the range of the test. */
export function startNotWorse({ marginPercent, dispersion, alpha }: NotWorseRule): NotWorseState {
  return {
    tally: emptyTally,
    test: emptyCountTest({ margin: marginPercent / 100, dispersion, alpha }),
    weight: 0,
  };
}

export function addToNotWorse(
  { tally, test, weight }: NotWorseState,
  window: ComparisonWindow,
): NotWorseState {
  const counts = readCounts(window);
  if (counts === null) return { tally: tallyWindow(tally, window, null), test, weight };
  const { baseline, candidate } = counts;
  const requests = baseline.requests + candidate.requests;
  if (requests === 0) return { tally: tallyWindow(tally, window, counts), test, weight };
  const candidateShare = candidate.requests / requests;
  const events = baseline.events + candidate.events;
  const counted = { candidateEvents: candidate.events, events, candidateShare };
  // The counts differ so much that the share rounds to 0 or 1.
  if (!isPossible(counted)) return { tally: tallyWindow(tally, window, null), test, weight };
  return {
    tally: tallyWindow(tally, window, counts),
    test: addWindow(test, counted),
    weight: weight + requests * candidateShare * (1 - candidateShare),
  };
}

export function judgeNotWorse(rule: NotWorseRule, state: NotWorseState, windowsPlanned: number): Verdict {
  const found = countEvidence(state.test);
  const bound = 1 + rule.marginPercent / 100;
  const finding = find(rule, state, found);
  const isProof = finding.reason === 'notWorseThanBaseline' || finding.reason === 'notProven';
  const measured: Measured = {
    ...nothingMeasured,
    value: found.ratio,
    bound,
    unit: 'ratio',
    effect: found.ratio,
    get interval() {
      return found.interval;
    },
    logE: isProof ? logProof(rule, state, found) : found.logE,
    needed: 1 / rule.alpha,
    get evidenceState() {
      return { maturity: maturityOfCounts(state.test), sides: 'one' as const };
    },
  };
  return concludeComparison(rule, state.tally, { finding, measured, windowsPlanned, algorithm });
}

function find(rule: NotWorseRule, state: NotWorseState, found: CountEvidence): Finding {
  const enough = Math.log(1 / rule.alpha);
  const findingOf = (logE: number, result: Result, reason: ReasonCode, rest = () => ''): Finding => ({
    result,
    reason,
    get text() {
      return ` ${describeNotWorseComparison(state, found)}, ${formatEvidence(logE, 1 / rule.alpha)}${rest()}`;
    },
  });
  if (found.logE >= enough) return findingOf(found.logE, 'fail', 'worseThanBaseline');
  const missing = missingDataReason(rule, state.tally) ?? tooFew(rule, state.tally);
  if (missing !== null) return { ...missing, text: `: ${missing.text}` };
  const proof = logProof(rule, state, found);
  const margin = () => ` for not worse by ${formatNumber(rule.marginPercent)} %`;
  if (proof >= enough) return findingOf(proof, 'pass', 'notWorseThanBaseline', margin);
  if (!rule.mustBeProven) return findingOf(found.logE, 'pass', 'notShownWorse');
  const progress = () => `${margin()}: ${missingProofReason(rule, found)}`;
  return findingOf(proof, 'inconclusive', 'notProven', progress);
}

/** The upper bound that the data proves so far, and the required one. */
function missingProofReason({ marginPercent }: NotWorseRule, { interval: { upper } }: CountEvidence): string {
  const needed = formatNumber(1 + marginPercent / 100);
  const proven =
    upper === null
      ? 'no upper bound of the ratio yet'
      : `the ratio is only proven to be under ${formatNumber(upper)}`;
  return `${proven}, and it has to be under ${needed}`;
}

/**
 * ln E against a candidate that is worse by ratio and above the negligible rate. The mean of two E-values is an
 * E-value.
 */
function logProof({ negligiblePercent }: NotWorseRule, state: NotWorseState, found: CountEvidence): number {
  if (negligiblePercent === null) return found.logENotWorse;
  const { requests, events } = state.tally.arms.candidate;
  const { dispersion } = state.test.settings;
  const rate = negligiblePercent / 100;
  const counted = { x: (events ?? 0) / dispersion, n: requests / dispersion };
  const negligible = logOneSidedEvidence(counted, rate, 1 / rate, 'below');
  return logSumExp([found.logENotWorse, negligible]) - Math.LN2;
}

function tooFew({ minimumRequests }: NotWorseRule, { arms }: ComparisonTally): Finding | null {
  const minRequests = Math.min(arms.baseline.requests, arms.candidate.requests);
  if (minRequests >= minimumRequests && minRequests > 0) return null;
  const text = `${minRequests} of ${Math.max(1, minimumRequests)} requests of each model`;
  return { result: 'inconclusive', reason: 'tooFewRequests', text };
}

/** `1.31 % vs 1.02 %, ratio 1.28 [0.97, 1.69]`. */
function describeNotWorseComparison(
  { test, weight }: NotWorseState,
  { ratio, interval }: CountEvidence,
): string {
  const [candidate, baseline] = [test.weighted.candidate, test.weighted.baseline].map((events) =>
    formatNumber(weight === 0 ? 0 : (100 * events) / weight),
  );
  const upper = interval.upper === null ? 'no upper bound' : formatNumber(interval.upper);
  const point = ratio === null ? 'unknown' : formatNumber(ratio);
  return `${candidate} % vs ${baseline} %, ratio ${point} [${formatNumber(interval.lower)}, ${upper}]`;
}
