/**
 * Estimates the remaining time of an undecided comparison, if traffic and effect stay the same. It extrapolates the
 * evidence of a normal mixture at the current z to more data. The estimate is rough, because the effect so far is an
 * estimate itself.
 */
import type { CountTest } from '../statistics/count-test.js';

/** Current state of a sequential test. */
export interface EvidenceState {
  logE: number;
  /** 1/alpha. */
  needed: number;
  /** Variance of the mixture divided by the variance of the estimate. It grows with the data. */
  maturity: number;
  sides: 'one' | 'two';
}

/** Below one standard error, or beyond 30 times the data so far, there is no forecast. */
const minZ = 1;
const maxTimes = 30;

/**
 * Total data needed, as a multiple of the data so far, at least 1. Null if there is no forecast: the evidence has no
 * clear direction yet, or the decision is too far away.
 */
export function timesNeeded({ logE, needed, maturity, sides }: EvidenceState): number | null {
  if (!(maturity > 0)) return null;
  const gain = sides === 'one' ? Math.LN2 : 0;
  // Mean-sequence's evidence (eq. 155), solved for z; one side's mixture has twice the weight.
  const squaredZ = ((2 * (maturity + 1)) / maturity) * (logE - gain + Math.log1p(maturity) / 2);
  if (!(squaredZ >= minZ ** 2)) return null;
  const isEnough = (times: number) => {
    const then = times * maturity;
    return (times * squaredZ * then) / (2 * (then + 1)) - Math.log1p(then) / 2 + gain >= Math.log(needed);
  };
  if (!isEnough(maxTimes)) return null;
  let [low, high] = [1, maxTimes];
  while (high - low > 0.001) {
    const middle = (low + high) / 2;
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** The deviation of the count test's alternatives, on the log scale. */
const alternativesDeviation = 0.5;

/**
 * Maturity of a count test. Its information about the log ratio is nearly the harmonic mean of its weighted events.
 */
export function maturityOfCounts({ weighted: { candidate, baseline }, settings }: CountTest): number {
  if (candidate + baseline === 0) return 0;
  const information = (2 * candidate * baseline) / (candidate + baseline) / settings.dispersion;
  return alternativesDeviation ** 2 * information;
}

/** Requests observed so far. */
export interface ObservedTraffic {
  /** ISO 8601, UTC. */
  from: string | null;
  to: string | null;
  requests: number;
}

/** `; about 19 h to a decision at 2,000 requests/h`. Empty if there is no forecast. */
export function describeTimeToDecision(
  state: EvidenceState,
  { from, to, requests }: ObservedTraffic,
): string {
  const times = timesNeeded(state);
  if (times === null || from === null || to === null) return '';
  const hours = (Date.parse(to) - Date.parse(from)) / 3_600_000;
  if (!(hours > 0)) return '';
  const pace = Number((requests / hours).toPrecision(2)).toLocaleString('en-US');
  return `; about ${formatHours((times - 1) * hours)} to a decision at ${pace} requests/h`;
}

function formatHours(hours: number): string {
  if (hours > 48) return `${Math.ceil(hours / 24)} days`;
  if (hours > 2) return `${Math.ceil(hours)} h`;
  return `${Math.max(1, Math.ceil(hours * 60))} min`;
}
