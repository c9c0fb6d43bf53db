/**
 * Is the candidate's rate of errors (or slow requests) more than `margin` above the baseline's? A test of counts whose
 * level holds however often it is looked at, and while the candidate's share changes. After Lindon & Malek,
 * arXiv 2011.03567, conditional on each event falling in one of the two arms.
 *
 * The state is the log-likelihood of the log rate ratio: windows add to it, in any order.
 */
import { flatCurve, nodes, reach, readingAt, curveValueAt } from './likelihood-curve.js';
import { logSumExp } from './log-sum.js';

export interface CountTestSettings {
  /** Relative: 0.1 tolerates a rate ratio of 1.1. From 0 to 3. */
  margin: number;
  /** Variance of the counts over their mean, at least 1, from past periods without any difference. */
  dispersion: number;
  /** Probability of a false alarm over the whole rollout. */
  alpha: number;
}

/** Plain JSON of about 60 numbers. */
export interface CountTest {
  settings: CountTestSettings;
  candidateEvents: number;
  events: number;
  /** Mantel-Haenszel sums: events of each arm, weighted by the other arm's share. */
  weighted: { candidate: number; baseline: number };
  /** Log-likelihood of the log rate ratio (likelihood-curve.ts). */
  curve: number[];
}

export interface CountWindow {
  candidateEvents: number;
  /** Of both arms. */
  events: number;
  /** The candidate's realised share of the requests, 0 to 1. */
  candidateShare: number;
}

export interface CountEvidence {
  candidateEvents: number;
  events: number;
  /** For a ratio above 1 + margin; an alarm at ln(1/alpha). */
  logE: number;
  /** For a ratio below 1 + margin; proves non-inferiority at ln(1/alpha). */
  logENotWorse: number;
  /** Candidate over baseline, windows weighted after Mantel and Haenszel. Null while the baseline has no events. */
  ratio: number | null;
  /** Of level 1 - alpha at all looks together. `upper: null`: no bound yet. */
  interval: { lower: number; upper: number | null };
}

/** Distances of the alternatives from the null; dense where much data tells small differences apart. */
const steps = Array.from({ length: 50 }, (_, j) => 2.5 * ((j + 1) / 50) ** 2);
const logWeights = halfNormalLogWeights(0.5);
const excess = nodes.map((node) => Math.expm1(node));
/** Beyond these the alternatives would leave the curve. */
const farthestNull = reach - steps.at(-1)!;

/** Throws RangeError for settings that the test cannot keep. */
export function emptyCountTest(settings: CountTestSettings): CountTest {
  const { margin, dispersion, alpha } = settings;
  if (!(margin >= 0 && margin <= 3)) throw new RangeError(`margin ${margin} is not within 0 and 3`);
  if (!(dispersion >= 1 && dispersion < Infinity))
    throw new RangeError(`dispersion ${dispersion} is under 1`);
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha ${alpha} is not within 0 and 1`);
  return {
    settings,
    candidateEvents: 0,
    events: 0,
    weighted: { candidate: 0, baseline: 0 },
    curve: flatCurve(),
  };
}

/** Throws RangeError for counts that cannot be: judges exclude such windows first. */
export function addWindow(test: CountTest, window: CountWindow): CountTest {
  const { candidateEvents: x, events: m, candidateShare: r } = window;
  if (!isPossible(window)) throw new RangeError(`impossible counts: ${JSON.stringify(window)}`);
  return {
    settings: test.settings,
    candidateEvents: test.candidateEvents + x,
    events: test.events + m,
    weighted: {
      candidate: test.weighted.candidate + x * (1 - r),
      baseline: test.weighted.baseline + (m - x) * r,
    },
    curve: test.curve.map((value, j) => value + x * nodes[j]! - m * Math.log1p(r * excess[j]!)),
  };
}

/** Events in an arm without requests contradict themselves. */
export function isPossible({ candidateEvents: x, events: m, candidateShare: r }: CountWindow): boolean {
  if (!(x >= 0 && m >= x && m < Infinity && r >= 0 && r <= 1)) return false;
  return (r > 0 || x === 0) && (r < 1 || x === m);
}

/** A test never changes: what it says is worked out once, however often it is looked at between two windows. */
const evidenceOf = new WeakMap<CountTest, CountEvidence>();

export function countEvidence(test: CountTest): CountEvidence {
  const evidence = evidenceOf.get(test) ?? findEvidence(test);
  evidenceOf.set(test, evidence);
  return evidence;
}

function findEvidence(test: CountTest): CountEvidence {
  const { candidateEvents, events, weighted } = test;
  const ratio = weighted.candidate / weighted.baseline;
  let interval: CountEvidence['interval'] | null = null;
  return {
    candidateEvents,
    events,
    logE: logEvidenceAtMargin(test, 'above'),
    logENotWorse: logEvidenceAtMargin(test, 'below'),
    ratio: Number.isFinite(ratio) ? ratio : null,
    // Most of the work, and only for people: who judges thousands of windows on end looks at few of them.
    get interval() {
      return (interval ??= ratioInterval(test));
    },
  };
}

/** Mixture of likelihood ratios against the null `edge`, for log ratios on one side of it. */
export function logEvidence(test: CountTest, edge: number, side: 'above' | 'below'): number {
  const atNull = curveValueAt(test.curve, edge);
  const logs = alternativesOf(edge, side).logRatios.map((alternative, j) => {
    const ratio = curveValueAt(test.curve, alternative) - atNull;
    return logWeights[j]! + ratio / test.settings.dispersion;
  });
  return logSumExp(logs);
}

/** Of one margin: the points of a judgement are the same at every look, so how to read them is worked out once. */
const readings = new Map<string, Float64Array[]>();
const maxReadings = 64;

/** As `logEvidence` at the test's own margin, in a third of the time. */
function logEvidenceAtMargin({ curve, settings }: CountTest, side: 'above' | 'below'): number {
  const [atNull, ...alternatives] = readingsOf(settings.margin, side).map((reading) =>
    sumOfProducts(reading, curve),
  );
  return logSumExp(alternatives.map((value, j) => logWeights[j]! + (value - atNull!) / settings.dispersion));
}

/** At the null first, then at each alternative. */
function readingsOf(margin: number, side: 'above' | 'below'): Float64Array[] {
  const key = `${side} ${margin}`;
  const known = readings.get(key);
  if (known !== undefined) return known;
  const edge = Math.log1p(margin);
  const made = [edge, ...alternativesOf(edge, side).logRatios].map(readingAt);
  if (readings.size >= maxReadings) readings.clear();
  readings.set(key, made);
  return made;
}

function sumOfProducts(reading: Float64Array, curve: readonly number[]): number {
  let sum = 0;
  for (let j = 0; j < reading.length; j += 1) sum += reading[j]! * curve[j]!;
  return sum;
}

/** What the null `edge` is tested against: log rate ratios, and the logarithms of their weights in the mixture. */
export function alternativesOf(
  edge: number,
  side: 'above' | 'below',
): { logRatios: number[]; logWeights: readonly number[] } {
  const sign = side === 'above' ? 1 : -1;
  return { logRatios: steps.map((step) => edge + sign * step), logWeights };
}

/**
 * All ratios that neither one-sided test rejects at alpha / 2. The log-likelihood is concave, so the evidence falls (or
 * rises) steadily with the null, and the bounds are found by halving.
 */
function ratioInterval(test: CountTest): CountEvidence['interval'] {
  const enough = Math.log(2 / test.settings.alpha);
  const rejects = (side: 'above' | 'below') => (edge: number) => logEvidence(test, edge, side) >= enough;
  const lower = lastRejected(rejects('above'), -reach, farthestNull);
  const upper = lastRejected(rejects('below'), reach, -farthestNull);
  return { lower: lower === null ? 0 : Math.exp(lower), upper: upper === null ? null : Math.exp(upper) };
}

/** From `start`, where nulls are rejected first, towards `end`; null where not even `start` is rejected. */
function lastRejected(rejects: (edge: number) => boolean, start: number, end: number): number | null {
  if (!rejects(start)) return null;
  if (rejects(end)) return end;
  let [rejected, kept] = [start, end];
  for (let i = 0; i < 52; i += 1) {
    const middle = (rejected + kept) / 2;
    if (rejects(middle)) rejected = middle;
    else kept = middle;
  }
  return rejected;
}

function halfNormalLogWeights(deviation: number): number[] {
  const widths = steps.map((step, j) => step - (steps[j - 1] ?? 0));
  const logs = steps.map((step, j) => Math.log(widths[j]!) - (step / deviation) ** 2 / 2);
  const total = logSumExp(logs);
  return logs.map((log) => log - total);
}
