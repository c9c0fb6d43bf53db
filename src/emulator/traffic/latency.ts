import type { Distribution } from '../cloudwatch/distribution.js';
import type { Random } from '../world/random.js';

/**
 * Percentiles of a latency: `{ p50: 40, p99: 400 }` is log-normal, and more of them bend it: between two, the logarithm
 * goes straight over the normal distribution's quantiles, and beyond the outermost it goes on as it came.
 */
export type Quantiles = Partial<Record<`p${number}`, number>>;

/** Above this many requests, latencies are drawn from equal strata, each standing for several requests. */
const strata = 128;

/** One latency, in the unit of the percentiles. */
export function drawLatency(random: Random, quantiles: Quantiles): number {
  return curveOf(quantiles)(random.normal());
}

/** The latencies of many requests: cost does not grow with their number. */
export function drawLatencies(
  random: Random,
  quantiles: Quantiles,
  requests: number,
  into: Distribution,
  scale: number,
): void {
  const latencyAt = curveOf(quantiles);
  if (requests <= strata) {
    for (let request = 0; request < requests; request += 1) into.add(scale * latencyAt(random.normal()));
    return;
  }
  let drawn = 0;
  for (let stratum = 1; stratum <= strata; stratum += 1) {
    const upTo = Math.round((requests * stratum) / strata);
    const quantile = (stratum - 1 + random.uniform()) / strata;
    into.add(scale * latencyAt(probit(quantile)), upTo - drawn);
    drawn = upTo;
  }
}

/** From the standard normal deviate to the latency. */
function curveOf(quantiles: Quantiles): (deviate: number) => number {
  const knots = Object.entries(quantiles)
    .map(([percentile, value]) => ({
      z: probit(Number(percentile.slice(1)) / 100),
      log: Math.log(value ?? 0),
    }))
    .sort((a, b) => a.z - b.z);
  return (deviate) => {
    const next = knots.findIndex(({ z }) => z > deviate);
    const right = Math.max(1, next === -1 ? knots.length - 1 : next);
    const [from, to] = [knots[right - 1], knots[right]];
    if (!from || !to) return Math.exp(from?.log ?? 0);
    return Math.exp(from.log + ((to.log - from.log) * (deviate - from.z)) / (to.z - from.z));
  };
}

/** Inverse of the normal distribution function. Source: P. J. Acklam's rational approximation, error below 1.2e-9. */
export function probit(p: number): number {
  if (p > 0.5) return -probit(1 - p);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return (
      (((((-7.784894002430293e-3 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) *
        q +
        4.374664141464968) *
        q +
        2.938163982698783) /
      ((((7.784695709041462e-3 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) *
        q +
        1)
    );
  }
  const q = p - 0.5;
  const r = q * q;
  return (
    ((((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r -
      30.66479806614716) *
      r +
      2.506628277459239) *
      q) /
    (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r -
      13.28068155288572) *
      r +
      1)
  );
}
