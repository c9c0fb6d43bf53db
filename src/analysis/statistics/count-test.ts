/**
 * Tests whether the candidate's rate of errors (or slow requests) is more than `margin` above the baseline's. The
 * level of this count test holds at any number of polls, and while the candidate's share changes. After Lindon &
 * Malek, arXiv 2011.03567, conditional on each event falling in one of the two arms.
 *
 * The state is the log-likelihood of the log rate ratio. Windows can be added in any order.
 */
import { flatCurve, nodes, reach, readingAt, seriesOf, seriesValueAt } from './likelihood-curve.js';
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

/**
 * Distances of the alternatives from the null, from 0.001 to 2.5. Each is 1.41 times the one before: a ratio between two
 * of them costs at most 3 % of the evidence.
 */
const steps = Array.from({ length: 24 }, (_, j) => 2.5 * 0.0004 ** (1 - j / 23));
const logWeights = halfNormalLogWeights(0.5);
const excess = nodes.map((node) => Math.expm1(node));
/** Precision of an interval's bounds, on the log scale. */
const precision = 1e-11;
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

/** Candidate's rate divided by baseline's, with Mantel-Haenszel weights. Null while the baseline has no events. */
export function ratioOf({ weighted }: CountTest): number | null {
  const ratio = weighted.candidate / weighted.baseline;
  return Number.isFinite(ratio) ? ratio : null;
}

/** Evidence of the mixture of likelihood ratios against the null `edge`, for log ratios on one side of it. */
export function logEvidence(test: CountTest, edge: number, side: 'above' | 'below'): number {
  return logEvidenceOf(seriesOf(test.curve), test.settings.dispersion, edge, side);
}

function logEvidenceOf(
  series: Float64Array,
  dispersion: number,
  edge: number,
  side: 'above' | 'below',
): number {
  const sign = side === 'above' ? 1 : -1;
  const atNull = seriesValueAt(series, edge);
  const logs = steps.map((step, j) => {
    const ratio = seriesValueAt(series, edge + sign * step) - atNull;
    return logWeights[j]! + ratio / dispersion;
  });
  return logSumExp(logs);
}

/** Cache by margin. The points that a test reads are the same at every poll, so their weights are computed once. */
const readings = new Map<string, Float64Array[]>();
const maxReadings = 64;

/**
 * Evidence for a ratio above 1 + margin, or below it. The test decides at ln(1/alpha). Same as `logEvidence` at the margin,
 * in a third of the time.
 */
export function logEvidenceAtMargin({ curve, settings }: CountTest, side: 'above' | 'below'): number {
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
 * All ratios that no one-sided test rejects, over all polls. A test rejects at `needed.above` or `needed.below`, in
 * logarithms. The log-likelihood is concave, so the evidence is monotone in the null. `upper: null`: no bound yet.
 */
export function ratioInterval(
  test: CountTest,
  needed: { above: number; below: number },
): { lower: number; upper: number | null } {
  const series = seriesOf(test.curve);
  const excessOf = (side: 'above' | 'below') => (edge: number) => {
    const evidence = logEvidenceOf(series, test.settings.dispersion, edge, side);
    return Math.sqrt(Math.max(0, evidence)) - Math.sqrt(needed[side]);
  };
  // No test rejects the ratio that fits best, unless it is out of range.
  const best = Math.log(ratioOf(test) ?? Infinity);
  const lower = lastRejected(excessOf('above'), -reach, Math.min(best, maxNull));
  const upper = lastRejected(excessOf('below'), reach, Math.max(best, -maxNull));
  return { lower: lower === null ? 0 : Math.exp(lower), upper: upper === null ? null : Math.exp(upper) };
}

const maxIterations = 100;

/**
 * The last null from `start` towards `end` whose evidence is not below the limit. Null if `start` is not rejected. The
 * root of the evidence is nearly linear, so that false position (Illinois) needs about eight values.
 */
function lastRejected(excess: (edge: number) => number, start: number, end: number): number | null {
  if (Math.abs(end) >= reach) return null;
  let [a, atA, b, atB] = [start, excess(start), end, excess(end)];
  if (atA < 0) return null;
  if (atB >= 0) return end;
  for (let i = 0; i < maxIterations; i += 1) {
    const next = b - (atB * (b - a)) / (atB - atA);
    const atNext = excess(next);
    if (Math.abs(next - b) < precision || atNext === 0) return next;
    if (atNext > 0 === atB > 0) atA /= 2;
    else [a, atA] = [b, atB];
    [b, atB] = [next, atNext];
  }
  return b;
}

function halfNormalLogWeights(deviation: number): number[] {
  const widths = steps.map((step, j) => step - (steps[j - 1] ?? 0));
  const logs = steps.map((step, j) => Math.log(widths[j]!) - (step / deviation) ** 2 / 2);
  const total = logSumExp(logs);
  return logs.map((log) => log - total);
}
