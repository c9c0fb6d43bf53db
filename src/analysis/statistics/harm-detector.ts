/**
 * Finds harm, whenever it begins: evidence that the ratio of the two rates is above the margin since some window. An
 * e-detector (Shin, Ramdas & Rinaldo, arXiv 2203.03532) with a weight for each beginning. The weights add up to 1, so that
 * the sum is an E-value: it reaches 1/alpha with a probability of at most alpha over the whole rollout.
 *
 * One sum for each alternative is enough (Shiryaev-Roberts recursion). Windows must be added in order.
 */
import { alternativesOf, type CountTestSettings, type CountWindow } from './count-test.js';
import { logAdd, logSumExp } from './log-sum.js';

/** Plain JSON of 51 numbers. */
export interface HarmDetector {
  /** The time that the plan watches. Harm can begin later than that, but has less weight then. */
  watchedSeconds: number;
  /** Time that the windows so far cover. */
  seconds: number;
  /** By alternative: ln of the weighted sum of the likelihood ratios since each beginning. */
  logSums: number[];
  /** By alternative: ln of the likelihood ratio of all windows as if events were independent. */
  logRatios: number[];
  /** The dispersion of the windows so far. */
  dispersion: number;
}

/** Harm from the start has half of the weight, because a bad model is usually bad at once. */
export const startWeight = 0.5;
/** The part of the other half for beginnings after the planned time: holds and pauses have no limit. */
const overtimePart = 0.1;
export const logStartWeight = Math.log(startWeight);

/** Throws RangeError for a time that is not positive. */
export function emptyHarmDetector(watchedSeconds: number): HarmDetector {
  if (!(watchedSeconds > 0 && watchedSeconds < Infinity))
    throw new RangeError(`expected a positive number of watched seconds, got ${watchedSeconds}`);
  const { logWeights } = alternativesOf(0, 'above');
  return {
    watchedSeconds,
    seconds: 0,
    logSums: logWeights.map((weight) => weight + logStartWeight),
    logRatios: logWeights.map(() => 0),
    dispersion: 1,
  };
}

/** Weight of the beginnings after `seconds`: an equal part for each second of the planned time. */
export function weightAfter(seconds: number, watchedSeconds: number): number {
  const planned = 1 - (1 - overtimePart) * (seconds / watchedSeconds);
  const part = seconds <= watchedSeconds ? planned : overtimePart * (watchedSeconds / seconds);
  return (1 - startWeight) * part;
}

/** ln of the weight of harm that begins with the next window. */
export function logNextWeight({ seconds, watchedSeconds }: HarmDetector, windowSeconds: number): number {
  const then = weightAfter(seconds + windowSeconds, watchedSeconds);
  return Math.log(weightAfter(seconds, watchedSeconds) - then);
}

/**
 * `settings` as in the count test. `dispersion`: of all windows so far, with this one. If it grows, because users return,
 * earlier evidence of harm counts less than before. Earlier evidence against harm that counts less is no evidence of harm:
 * of the two increments, the smaller one counts. Throws RangeError for a window without a length: its beginning has no weight.
 */
export function addToDetector(
  detector: HarmDetector,
  { margin, dispersion }: Pick<CountTestSettings, 'margin' | 'dispersion'>,
  { candidateEvents: x, events: m, candidateShare: r }: CountWindow,
  windowSeconds: number,
): HarmDetector {
  if (!(windowSeconds > 0)) throw new RangeError(`expected a window with a length, got ${windowSeconds} s`);
  const edge = Math.log1p(margin);
  const { logRatios, logWeights } = alternativesOf(edge, 'above');
  const logWeight = logNextWeight(detector, windowSeconds);
  const costAtNull = Math.log1p(r * margin);
  const logRatiosOfWindow = logRatios.map((logRatio) => {
    const cost = Math.log1p(r * Math.expm1(logRatio)) - costAtNull;
    return x * (logRatio - edge) - m * cost;
  });
  const totals = detector.logRatios.map((total, j) => total + logRatiosOfWindow[j]!);
  return {
    watchedSeconds: detector.watchedSeconds,
    seconds: detector.seconds + windowSeconds,
    logSums: detector.logSums.map((sum, j) => {
      const increment = Math.min(
        totals[j]! / dispersion - detector.logRatios[j]! / detector.dispersion,
        logRatiosOfWindow[j]! / dispersion,
      );
      return logAdd(sum, logWeights[j]! + logWeight) + increment;
    }),
    logRatios: totals,
    dispersion,
  };
}

/** ln of the E-value. Beginnings that are still to come count as no evidence. */
export function logHarmEvidence({ seconds, watchedSeconds, logSums }: HarmDetector): number {
  return logSumExp([...logSums, Math.log(weightAfter(seconds, watchedSeconds))]);
}
