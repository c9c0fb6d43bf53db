/**
 * How long an undecided comparison would still take if it goes on as so far: the evidence of a mixture over normal
 * effects, at the z that it has now, for as much more data. Rough: the effect so far is a guess itself.
 */
import type { CountTest } from '../statistics/count-test.js';

/** Where a sequential test stands. */
export interface EvidenceState {
  logE: number;
  /** 1/alpha. */
  needed: number;
  /** How much the data outweighs the mixture: the mixture's variance over the estimate's. */
  maturity: number;
  sides: 'one' | 'two';
}

/** Less than one standard error foretells nothing, and neither does anything this far ahead. */
const minZ = 1;
const farthest = 30;

/**
 * How many times the data so far it would take in all, at least 1. Null where that cannot be foreseen: evidence does not
 * point anywhere yet, or the end would be too far away.
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
  if (!isEnough(farthest)) return null;
  let [low, high] = [1, farthest];
  while (high - low > 0.001) {
    const middle = (low + high) / 2;
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** The deviation of the count test's alternatives, on the log scale. */
const alternativesDeviation = 0.5;

/** Of the count test; what its windows tell of the log ratio is nearly the harmonic mean of its weighted events. */
export function maturityOfCounts({ weighted: { candidate, baseline }, settings }: CountTest): number {
  if (candidate + baseline === 0) return 0;
  const information = (2 * candidate * baseline) / (candidate + baseline) / settings.dispersion;
  return alternativesDeviation ** 2 * information;
}

/** What has been seen so far. */
export interface ObservedTraffic {
  /** ISO 8601, UTC. */
  from: string | null;
  to: string | null;
  requests: number;
}

/** `; at 2,000 requests/h about 19 h more to a decision if it stays so`; empty where it cannot be foreseen. */
export function describeTimeToDecision(
  standing: EvidenceState,
  { from, to, requests }: ObservedTraffic,
): string {
  const times = timesNeeded(standing);
  if (times === null || from === null || to === null) return '';
  const hours = (Date.parse(to) - Date.parse(from)) / 3_600_000;
  if (!(hours > 0)) return '';
  const pace = Number((requests / hours).toPrecision(2)).toLocaleString('en-US');
  return `; at ${pace} requests/h about ${formatHours((times - 1) * hours)} more to a decision if it stays so`;
}

function formatHours(hours: number): string {
  if (hours > 48) return `${Math.ceil(hours / 24)} days`;
  if (hours > 2) return `${Math.ceil(hours)} h`;
  return `${Math.max(1, Math.ceil(hours * 60))} min`;
}
