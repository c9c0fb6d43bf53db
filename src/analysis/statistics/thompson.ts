/**
 * The next share of a bandit: batched top-two Thompson sampling for two arms, as a probability instead of a draw, so that
 * the same data always gives the same share. It moves traffic; it never declares a winner.
 */
import betainc from '@stdlib/math-base-special-betainc';
import gammaln from '@stdlib/math-base-special-gammaln';
import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import type { Estimate } from './mean-sequence.js';

export interface Conversions {
  n: number;
  events: number;
}

export interface ShareRule {
  /**
   * Top-two sampling plays the likelier winner with this probability, the other one else; 0.5 to 1. With two arms, 0.5
   * is an even split for ever, and 1 is plain Thompson sampling.
   */
  leaderShare: number;
  floor: number;
  cap: number;
  /** The share moves by this at most. */
  maximumStep: number;
}

/** The candidate's next share, 0 to 1, from its present one and the probability that it is the better arm. */
export function nextShare(present: number, probabilityBest: number, rule: ShareRule): number {
  const { leaderShare, floor, cap, maximumStep } = rule;
  const wanted = leaderShare * probabilityBest + (1 - leaderShare) * (1 - probabilityBest);
  const stepped = Math.min(present + maximumStep, Math.max(present - maximumStep, wanted));
  return Math.min(cap, Math.max(floor, stepped));
}

/** That the candidate's mean is higher, by the normal approximation of a difference (arm-difference.ts). */
export function probabilityHigherMean({
  estimate,
  standardError,
}: Pick<Estimate, 'estimate' | 'standardError'>): number {
  return normalCdf(estimate / standardError, 0, 1);
}

/**
 * That the candidate's rate is higher, with uniform priors: beta posteriors. Counts must be of one share, or of units
 * whose rates do not change from day to day: else take the stratified difference and `probabilityHigherMean`.
 */
export function probabilityHigherRate(baseline: Conversions, candidate: Conversions): number {
  const [a, b] = [posterior(baseline), posterior(candidate)];
  // Integrates over the narrower density: the other one's distribution function is smooth across it.
  if (logitVariance(a) <= logitVariance(b)) return integrate(a, (x) => betainc(x, b.a, b.b, true, true));
  return integrate(b, (x) => betainc(x, a.a, a.b));
}

interface Beta {
  a: number;
  b: number;
}

function posterior({ n, events }: Conversions): Beta {
  if (!(events >= 0 && n >= events)) throw new RangeError(`${events} events of ${n}`);
  return { a: 1 + events, b: 1 + n - events };
}

function logitVariance({ a, b }: Beta): number {
  return 1 / a + 1 / b;
}

/**
 * Expectation of `value` under a beta distribution: the trapezoidal rule over the logit, where the density is analytic
 * and falls off exponentially at both ends, so that the rule converges as fast.
 */
function integrate({ a, b }: Beta, value: (x: number) => number): number {
  const mode = Math.log(a / b);
  const deviation = Math.sqrt(logitVariance({ a, b }));
  const step = deviation / 12;
  const logDensity = (t: number) => -a * Math.log1p(Math.exp(-t)) - b * Math.log1p(Math.exp(t));
  const logTotal = gammaln(a) + gammaln(b) - gammaln(a + b);
  let sum = 0;
  const reach = Math.ceil((12 * deviation + 40 / Math.min(a, b)) / step);
  for (let i = -reach; i <= reach; i += 1) {
    const t = mode + i * step;
    const weight = Math.exp(logDensity(t) - logTotal);
    if (weight > 0) sum += weight * value(1 / (1 + Math.exp(-t)));
  }
  return sum * step;
}
