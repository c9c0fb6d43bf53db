/**
 * The next share of a bandit: batched top-two Thompson sampling for two arms. It uses a probability instead of a
 * random draw, so the same data always gives the same share. It moves traffic and never declares a winner.
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
   * Top-two sampling plays the likelier winner with this probability, 0.5 to 1, and otherwise the other arm. With two
   * arms, 0.5 is always an even split, and 1 is plain Thompson sampling.
   */
  leaderShare: number;
  floor: number;
  cap: number;
  /** Maximum change of the share. */
  maximumStep: number;
}

/** The candidate's next share, 0 to 1. `probabilityBest`: probability that the candidate is better. */
export function nextShare(present: number, probabilityBest: number, rule: ShareRule): number {
  const { leaderShare, floor, cap, maximumStep } = rule;
  const target = leaderShare * probabilityBest + (1 - leaderShare) * (1 - probabilityBest);
  const stepped = Math.min(present + maximumStep, Math.max(present - maximumStep, target));
  return Math.min(cap, Math.max(floor, stepped));
}

/**
 * Probability that the candidate's mean is higher, by the normal approximation of a difference (arm-difference.ts).
 */
export function probabilityHigherMean({
  estimate,
  standardError,
}: Pick<Estimate, 'estimate' | 'standardError'>): number {
  return normalCdf(estimate / standardError, 0, 1);
}

/**
 * Probability that the candidate's rate is higher, with uniform priors and beta posteriors. The counts must come from
 * one share, or from units whose rates do not change from day to day. Otherwise use the stratified difference and
 * `probabilityHigherMean`.
 */
export function probabilityHigherRate(baseline: Conversions, candidate: Conversions): number {
  const [a, b] = [posterior(baseline), posterior(candidate)];
  // Integrate over the narrower density, because the other distribution function is smooth across it.
  if (logitVariance(a) <= logitVariance(b)) return integrate(a, (x) => betainc(x, b.a, b.b, true, true));
  return integrate(b, (x) => betainc(x, a.a, a.b));
}

interface Beta {
  a: number;
  b: number;
}

function posterior({ n, events }: Conversions): Beta {
  if (!(events >= 0 && n >= events)) throw new RangeError(`expected events from 0 to ${n}, got ${events}`);
  return { a: 1 + events, b: 1 + n - events };
}

function logitVariance({ a, b }: Beta): number {
  return 1 / a + 1 / b;
}

/**
 * Expectation of `value` under a beta distribution, by the trapezoidal rule over the logit. There the density is
 * analytic and decays exponentially at both ends, so the rule converges exponentially.
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
