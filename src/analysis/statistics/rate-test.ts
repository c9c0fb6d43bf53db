/**
 * Tests whether the rate of events among requests is above a fixed bound, at any number of polls, and whenever the rate
 * begins to be above it. An e-detector: Shin, Ramdas & Rinaldo, arXiv 2203.03532 (Shiryaev-Roberts, section 2).
 *
 * For every window in which the breach can have begun, the test has the likelihood ratio of the windows since then. The sum
 * of these ratios over T windows is at least T / alpha with a probability of at most alpha, if the rate is never above the
 * bound. The sum is mixed over several rates above the bound.
 */
import { logSumExp } from './log-sum.js';

export interface RateTestSettings {
  /** Fraction of the requests, 0 to 1. The test alarms for rates above it. */
  bound: number;
  /** Variance of the counts divided by their mean, at least 1, from past periods. */
  dispersion: number;
}

/** Plain JSON. */
export interface RateTest {
  /** By alternative: ln(1 + sum of the likelihood ratios over the possible beginnings). */
  logSums: number[];
  /** All windows so far. */
  all: RateCounts;
  /** The windows since the beginning that fits a rate just above the bound best. Null: no beginning fits. */
  recent: (RateCounts & { logRatio: number }) | null;
}

/** `events` can be a sum of values between 0 and 1, one for each request. */
export interface RateCounts {
  requests: number;
  events: number;
  /** Milliseconds since the epoch: start of the first of these windows. */
  fromMs: number;
}

/**
 * Logarithms of the odds ratios of the alternatives to the bound: odds 1.2, 1.6, 2.5, 4.5, 11 and 49 times as high. A
 * rate between two of them loses little.
 */
export const logOddsRatios = [0.2, 0.5, 0.9, 1.5, 2.4, 3.9];

const noCounts: RateCounts = { requests: 0, events: 0, fromMs: 0 };

export const emptyRateTest: RateTest = {
  logSums: logOddsRatios.map(() => 0),
  all: noCounts,
  recent: null,
};

export function isPossibleRate({ requests, events }: Omit<RateCounts, 'fromMs'>): boolean {
  return requests > 0 && events >= 0 && events <= requests && requests < Infinity;
}

/** Throws RangeError for impossible counts. */
export function addRateWindow(test: RateTest, settings: RateTestSettings, window: RateCounts): RateTest {
  if (!isPossibleRate(window)) throw new RangeError(`impossible counts: ${JSON.stringify(window)}`);
  const ratios = logOddsRatios.map((logOdds) => logRatioOf(window, logOdds, settings));
  return {
    logSums: test.logSums.map((sum, j) => softplus(sum + ratios[j]!)),
    all: addCounts(test.all, window),
    recent: addRecent(test.recent, window, ratios[0]!),
  };
}

/**
 * Evidence that the rate was above the bound, as a logarithm; -Infinity before the first window. If the rate is never above
 * the bound, it reaches ln(1/alpha) within `plannedWindows` with a probability of at most alpha.
 */
export function logRateEvidence({ logSums }: RateTest, plannedWindows: number): number {
  // ln(e^sum - 1), without overflow.
  const logs = logSums.map((sum) => sum + Math.log(-Math.expm1(-sum)));
  return logSumExp(logs) - Math.log(logSums.length) - Math.log(plannedWindows);
}

/**
 * The likelihood ratio of the window. A sum of values between 0 and 1 has at most the ratio of a count with the same mean,
 * because the ratio is convex in each value.
 */
function logRatioOf({ requests, events }: RateCounts, logOdds: number, settings: RateTestSettings): number {
  const { bound, dispersion } = settings;
  return (events * logOdds - requests * Math.log1p(bound * Math.expm1(logOdds))) / dispersion;
}

/** As in a CUSUM: windows that speak against a breach end the earlier ones. */
function addRecent(recent: RateTest['recent'], window: RateCounts, ratio: number): RateTest['recent'] {
  const logRatio = (recent?.logRatio ?? 0) + ratio;
  return logRatio <= 0 ? null : { ...addCounts(recent ?? noCounts, window), logRatio };
}

function addCounts(before: RateCounts, { requests, events, fromMs }: RateCounts): RateCounts {
  return {
    requests: before.requests + requests,
    events: before.events + events,
    fromMs: before.requests === 0 ? fromMs : before.fromMs,
  };
}

/** ln(1 + e^x), without overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
