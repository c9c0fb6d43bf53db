/**
 * Tests whether the candidate's rate of errors (or slow requests) is more than `margin` above the baseline's. The
 * level of this count test holds at any number of polls, and while the candidate's share changes. After Lindon &
 * Malek, arXiv 2011.03567, conditional on each event falling in one of the two arms.
 *
 * The state is the log-likelihood of the log rate ratio. Windows can be added in any order.
 */
import { flatCurve, nodes, reach, readingAt, curveValueAt } from './likelihood-curve.js';
import { logSumExp } from './log-sum.js';

export interface CountTestSettings {
  /** Relative margin from 0 to 3: 0.1 tolerates a rate ratio of 1.1. */
  margin: number;
  /** Variance of the counts divided by their mean, at least 1, from past periods without a difference. */
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
  /** Events of both arms. */
  events: number;
  /** The candidate's actual share of the requests, 0 to 1. */
  candidateShare: number;
}

export interface CountEvidence {
  candidateEvents: number;
  events: number;
  /** Evidence for a ratio above 1 + margin. The test alarms at ln(1/alpha). */
  logE: number;
  /** Evidence for a ratio below 1 + margin. It proves non-inferiority at ln(1/alpha). */
  logENotWorse: number;
  /** Candidate's rate divided by baseline's, with Mantel-Haenszel weights. Null while the baseline has no events. */
  ratio: number | null;
  /** Interval of level 1 - alpha over all polls. `upper: null`: no bound yet. */
  interval: { lower: number; upper: number | null };
}

/**
 * Distances of the alternatives from the null. Dense near zero, because much data distinguishes small differences.
 */
const steps = Array.from({ length: 50 }, (_, j) => 2.5 * ((j + 1) / 50) ** 2);
const logWeights = halfNormalLogWeights(0.5);
const excess = nodes.map((node) => Math.expm1(node));
/** Beyond this null, the alternatives would be outside the curve. */
const maxNull = reach - steps.at(-1)!;

/** Throws RangeError for settings outside the range of the test. */
export function emptyCountTest(settings: CountTestSettings): CountTest {
  const { margin, dispersion, alpha } = settings;
  if (!(margin >= 0 && margin <= 3)) throw new RangeError(`expected a margin from 0 to 3, got ${margin}`);
  if (!(dispersion >= 1 && dispersion < Infinity))
    throw new RangeError(`expected a dispersion of 1 or more, got ${dispersion}`);
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`expected an alpha between 0 and 1, got ${alpha}`);
  return {
    settings,
    candidateEvents: 0,
    events: 0,
    weighted: { candidate: 0, baseline: 0 },
    curve: flatCurve(),
  };
}

/** Throws RangeError for impossible counts. Callers exclude such windows first. */
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

/** Events in an arm without requests are impossible. */
export function isPossible({ candidateEvents: x, events: m, candidateShare: r }: CountWindow): boolean {
  if (!(x >= 0 && m >= x && m < Infinity && r >= 0 && r <= 1)) return false;
  return (r > 0 || x === 0) && (r < 1 || x === m);
}

/** A CountTest is immutable, so its evidence is computed once, even with many polls between two windows. */
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
    // Lazy, because the interval is most of the work and is only shown to people.
    get interval() {
      return (interval ??= ratioInterval(test));
    },
  };
}

/** Evidence of the mixture of likelihood ratios against the null `edge`, for log ratios on one side of it. */
export function logEvidence(test: CountTest, edge: number, side: 'above' | 'below'): number {
  const atNull = curveValueAt(test.curve, edge);
  const logs = alternativesOf(edge, side).logRatios.map((alternative, j) => {
    const ratio = curveValueAt(test.curve, alternative) - atNull;
    return logWeights[j]! + ratio / test.settings.dispersion;
  });
  return logSumExp(logs);
}

/** Cache by margin. The points that a test reads are the same at every poll, so their weights are computed once. */
const readings = new Map<string, Float64Array[]>();
const maxReadings = 64;

/** Same as `logEvidence` at the test's own margin, in a third of the time. */
function logEvidenceAtMargin({ curve, settings }: CountTest, side: 'above' | 'below'): number {
  const [atNull, ...alternatives] = readingsOf(settings.margin, side).map((reading) =>
    sumOfProducts(reading, curve),
  );
  return logSumExp(alternatives.map((value, j) => logWeights[j]! + (value - atNull!) / settings.dispersion));
}

/** Weights at the null, then at each alternative. */
function readingsOf(margin: number, side: 'above' | 'below'): Float64Array[] {
  const key = `${side} ${margin}`;
  const known = readings.get(key);
  if (known !== undefined) return known;
  const edge = Math.log1p(margin);
  const created = [edge, ...alternativesOf(edge, side).logRatios].map(readingAt);
  if (readings.size >= maxReadings) readings.clear();
  readings.set(key, created);
  return created;
}

function sumOfProducts(reading: Float64Array, curve: readonly number[]): number {
  let sum = 0;
  for (let j = 0; j < reading.length; j += 1) sum += reading[j]! * curve[j]!;
  return sum;
}

/** Alternatives to the null `edge`: log rate ratios, and the logarithms of their weights in the mixture. */
export function alternativesOf(
  edge: number,
  side: 'above' | 'below',
): { logRatios: number[]; logWeights: readonly number[] } {
  const sign = side === 'above' ? 1 : -1;
  return { logRatios: steps.map((step) => edge + sign * step), logWeights };
}

/**
 * All ratios that neither one-sided test rejects at alpha / 2. The log-likelihood is concave, so the evidence is
 * monotone in the null, and bisection finds the bounds.
 */
function ratioInterval(test: CountTest): CountEvidence['interval'] {
  const enough = Math.log(2 / test.settings.alpha);
  const rejects = (side: 'above' | 'below') => (edge: number) => logEvidence(test, edge, side) >= enough;
  const lower = lastRejected(rejects('above'), -reach, maxNull);
  const upper = lastRejected(rejects('below'), reach, -maxNull);
  return { lower: lower === null ? 0 : Math.exp(lower), upper: upper === null ? null : Math.exp(upper) };
}

/** The last rejected null from `start` towards `end`. Null if `start` is not rejected. */
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
