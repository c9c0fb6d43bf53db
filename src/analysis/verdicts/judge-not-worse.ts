/**
 * Guardrail: the candidate's rate of errors or slow requests is not worse than the baseline's by more than a margin.
 */
import {
  concludeComparison,
  nothingMeasured,
  missingDataReason,
  type ComparisonRule,
  type Finding,
  type Measured,
} from './comparison-verdict.js';
import {
  emptyTally,
  readCounts,
  tallyWindow,
  totalsOf,
  type ComparisonWindow,
  type ComparisonTally,
  type ReadCounts,
} from './comparison-windows.js';
import { maturityOfCounts } from '../time-to-decision/time-to-decision.js';
import {
  emptyCountTest,
  isPossible,
  logEvidenceAtMargin,
  ratioInterval,
  ratioOf,
} from '../statistics/count-test.js';
import { addToStage, type ArmPair, type StageTotals } from '../statistics/arm-difference.js';
import { dispersionOfCounts } from '../statistics/user-dispersion.js';
import {
  addToSpread,
  dispersionOfWindows,
  emptySpread,
  type WindowSpread,
} from '../statistics/window-dispersion.js';
import type { Role } from '../../plan/compiled/names.js';
import {
  addToDetector,
  emptyHarmDetector,
  logHarmEvidence,
  logNextWeight,
  logStartWeight,
  type HarmDetector,
} from '../statistics/harm-detector.js';
import { logSumExp } from '../statistics/log-sum.js';
import { logOneSidedEvidence } from '../statistics/sample-ratio.js';
import { addToPeriod, addToSuspected, type CountedPeriod, type SuspectedHarm } from './suspected-harm.js';
import { formatEvidence, formatNumber } from './formatted-numbers.js';
import { describeNotWorse, type ShownRatio } from './not-worse-text.js';
import type { ReasonCode, Result, Verdict } from './verdict.js';

export interface NotWorseRule extends ComparisonRule {
  /** Relative to the baseline's rate: 10 tolerates a rate that is a tenth higher. */
  marginPercent: number;
  /**
   * Variance divided by mean of the counts in past periods, at least 1. Null: as the windows measure it by user. The test uses
   * a higher one if the counts of the windows show it.
   */
  dispersion: number | null;
  /** The rule does not pass if either arm has fewer requests. */
  minimumRequests: number;
  /**
   * True: a pass needs proof, which is an upper bound of the ratio under the margin. False: a pass needs only the
   * absence of evidence of harm.
   */
  mustBeProven: boolean;
  /** A candidate's rate that is proven to be under this is not worse, at any ratio. Null: no such rate. */
  negligiblePercent: number | null;
  /** The longest time that the plan compares the models. Harm that begins later is found more slowly. */
  watchedSeconds: number;
}

/** Carried from poll to poll. Plain JSON. */
export interface NotWorseState extends CountedPeriod {
  tally: ComparisonTally;
  harm: HarmDetector;
  /** Null: the latest data speaks against harm. */
  suspected: SuspectedHarm | null;
  spread: WindowSpread;
  /** Totals by user of each share. Absent: the dispersion is given. */
  byUser?: StageTotals[];
}

const algorithm = 'not-worse/2';

/** Throws RangeError for a margin, dispersion, alpha or time outside the range of the test. */
export function startNotWorse(rule: NotWorseRule): NotWorseState {
  const { marginPercent, dispersion, alpha, watchedSeconds } = rule;
  return {
    tally: emptyTally,
    test: emptyCountTest({ margin: marginPercent / 100, dispersion: dispersion ?? 1, alpha }),
    weight: 0,
    harm: emptyHarmDetector(watchedSeconds),
    suspected: null,
    spread: emptySpread,
    ...(dispersion === null && { byUser: [] }),
  };
}

/** Windows must be added in order. */
export function addToNotWorse(
  rule: NotWorseRule,
  state: NotWorseState,
  window: ComparisonWindow,
): NotWorseState {
  const { tally, weight, harm, suspected } = state;
  const counts = readCounts(window);
  if (counts === null) return { ...state, tally: tallyWindow(tally, window, null) };
  const { baseline, candidate } = counts;
  const requests = baseline.requests + candidate.requests;
  if (requests === 0) return { ...state, tally: tallyWindow(tally, window, counts) };
  const candidateShare = candidate.requests / requests;
  const events = baseline.events + candidate.events;
  const counted = { candidateEvents: candidate.events, events, candidateShare, requests };
  // The counts differ so much that the share rounds to 0 or 1.
  if (!isPossible(counted)) return { ...state, tally: tallyWindow(tally, window, null) };
  const stratum = { stage: window.stage, share: window.candidateShare };
  const byUser = state.byUser && addToStage(state.byUser, stratum, totalsOfArms(counts));
  const spread = addToSpread(state.spread, counted, ratioOf(state.test));
  const settings = { ...state.test.settings, dispersion: dispersionSoFar(rule, byUser, spread) };
  const test = { ...state.test, settings };
  const seconds = (Date.parse(window.to) - Date.parse(window.from)) / 1000;
  const logWeight = harm.seconds === 0 ? logStartWeight : logNextWeight(harm, seconds);
  return {
    tally: tallyWindow(tally, window, counts),
    ...addToPeriod({ test, weight }, counted),
    harm: addToDetector(harm, settings, counted, seconds),
    suspected: addToSuspected(suspected, counted, { from: window.from, logWeight }, settings),
    spread,
    ...(byUser && { byUser }),
  };
}

function totalsOfArms({ baseline, candidate }: Record<Role, ReadCounts>): ArmPair {
  return { baseline: totalsOf(baseline), candidate: totalsOf(candidate) };
}

/** The evidence of all windows so far counts with the dispersion that they have together. */
function dispersionSoFar(
  { dispersion }: NotWorseRule,
  byUser: StageTotals[] | undefined,
  spread: WindowSpread,
): number {
  const expected = byUser === undefined ? (dispersion ?? 1) : dispersionOfCounts(byUser);
  return Math.max(expected, dispersionOfWindows(spread));
}

export function judgeNotWorse(rule: NotWorseRule, state: NotWorseState, windowsPlanned: number): Verdict {
  const logHarm = logHarmEvidence(state.harm);
  const logProof = logProofOf(rule, state);
  const shown = shownRatioOf(rule, state, logHarm);
  const finding = find(rule, state, { logHarm, logProof, shown });
  const isProof = finding.reason === 'notWorseThanBaseline' || finding.reason === 'notProven';
  const ratio = ratioOf(shown.period.test);
  const measured: Measured = {
    ...nothingMeasured,
    value: ratio,
    bound: shown.tolerated,
    unit: 'ratio',
    effect: ratio,
    get interval() {
      return shown.interval;
    },
    ...(shown.since !== null && { since: shown.since }),
    logE: isProof ? logProof : logHarm,
    needed: 1 / rule.alpha,
    get evidenceState() {
      return { maturity: maturityOfCounts(state.test), sides: 'one' as const };
    },
  };
  return concludeComparison(rule, state.tally, { finding, measured, windowsPlanned, algorithm });
}

function find(
  rule: NotWorseRule,
  state: NotWorseState,
  { logHarm, logProof, shown }: { logHarm: number; logProof: number; shown: ShownRatio },
): Finding {
  const needed = 1 / rule.alpha;
  const enough = Math.log(needed);
  const findingOf = (result: Result, reason: ReasonCode, conclusion: string, evidence: string): Finding => ({
    result,
    reason,
    get text() {
      return `${describeNotWorse(shown, conclusion)}${evidence}`;
    },
  });
  const harm = ` (${formatEvidence(logHarm, needed, 'evidence of harm')})`;
  if (logHarm >= enough) return findingOf('fail', 'worseThanBaseline', 'shown to be above', harm);
  const missing = missingDataReason(rule, state.tally) ?? tooFew(rule, state.tally);
  if (missing !== null) return { ...missing, text: `: ${missing.text}` };
  const { negligiblePercent: negligible } = rule;
  const rate = negligible === null ? '' : `, or the candidate's rate under ${formatNumber(negligible)} %`;
  const proof = `${rate} (${formatEvidence(logProof, needed, 'proof')})`;
  if (logProof >= enough) return findingOf('pass', 'notWorseThanBaseline', 'proven to be under', proof);
  if (!rule.mustBeProven) return findingOf('pass', 'notShownWorse', 'not shown to be above', harm);
  return findingOf('inconclusive', 'notProven', 'not yet proven to be under', proof);
}

/**
 * ln E against a candidate that is worse by ratio and above the negligible rate. The mean of two E-values is an
 * E-value.
 */
function logProofOf({ negligiblePercent }: NotWorseRule, { test, tally }: NotWorseState): number {
  const byRatio = logEvidenceAtMargin(test, 'below');
  if (negligiblePercent === null) return byRatio;
  const { requests, events } = tally.arms.candidate;
  const { dispersion } = test.settings;
  const rate = negligiblePercent / 100;
  const counted = { x: (events ?? 0) / dispersion, n: requests / dispersion };
  const negligible = logOneSidedEvidence(counted, rate, 1 / rate, 'below');
  return logSumExp([byRatio, negligible]) - Math.LN2;
}

/**
 * The rates of all windows; of harm that began later, those since then. The bounds are those of the decision: the lower
 * one is above the tolerated ratio if and only if the rule fails, and the upper one is under it if the ratio is proven.
 */
function shownRatioOf(rule: NotWorseRule, state: NotWorseState, logHarm: number): ShownRatio {
  const enough = Math.log(1 / rule.alpha);
  const isWorse = logHarm >= enough;
  const logFromStart = logStartWeight + logEvidenceAtMargin(state.test, 'above');
  const isLate = isWorse && logFromStart < enough;
  const late = isLate ? state.suspected : null;
  // Evidence of earlier windows that the decision lost when the dispersion grew.
  const lost = isWorse ? 0 : Math.max(0, logFromStart - logHarm);
  const needed = {
    above: enough - (late?.logWeight ?? logStartWeight) + lost,
    below: enough - (late?.logWeight ?? 0),
  };
  const tolerated = 1 + rule.marginPercent / 100;
  let interval: ShownRatio['interval'] | null = null;
  const period = late ?? state;
  return {
    period,
    since: late === null || late.from === state.tally.from ? null : late.from,
    tolerated,
    // Lazy, because the interval is most of the work and is only shown to people.
    get interval() {
      if (interval === null) {
        const { lower, upper } = ratioInterval(period.test, needed);
        interval = { lower: isWorse ? Math.max(lower, tolerated) : Math.min(lower, tolerated), upper };
      }
      return interval;
    },
  };
}

function tooFew({ minimumRequests }: NotWorseRule, { arms }: ComparisonTally): Finding | null {
  const minRequests = Math.min(arms.baseline.requests, arms.candidate.requests);
  if (minRequests >= minimumRequests && minRequests > 0) return null;
  const text = `${minRequests} of ${Math.max(1, minimumRequests)} requests of each model`;
  return { result: 'inconclusive', reason: 'tooFewRequests', text };
}
