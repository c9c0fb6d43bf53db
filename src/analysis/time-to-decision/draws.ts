/** Reproducible random counts and sums. Each uses one uniform number, so a higher rate never gives fewer events. */
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';

export type Uniform = () => number;

/** One run of a test. Takes the polls in order, by their index, and returns true at the poll that decides. */
export type DecisionSimulation = (poll: number, uniform: Uniform) => boolean;

/** sfc32, a small generator that passes the common test batteries. Values are above 0 and below 1. */
export function uniformsFrom(seed: number): Uniform {
  let [a, b, c, counter] = [seed >>> 0, 0x9e3779b9, 0x243f6a88, 1];
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return ((sum >>> 0) + 0.5) / 2 ** 32;
  };
  for (let i = 0; i < 20; i += 1) next();
  return next;
}

/** From this mean on, a normal distribution approximates a count. */
const minNormalMean = 30;

/** Number of events of `trials`. The variance is `dispersion` times the variance of independent trials. */
export function drawEvents(u: number, trials: number, rate: number, dispersion: number): number {
  if (rate > 0.5) return trials - drawEvents(1 - u, trials, 1 - rate, dispersion);
  const mean = trials * rate;
  const events =
    mean < minNormalMean * dispersion
      ? dispersion * poissonQuantile(u, mean / dispersion)
      : mean + Math.sqrt(dispersion * mean * (1 - rate)) * normalQuantile(u, 0, 1);
  return Math.min(trials, Math.max(0, events));
}

export function drawSum(
  u: number,
  trials: number,
  { mean, deviation }: { mean: number; deviation: number },
  dispersion: number,
): number {
  return trials * mean + deviation * Math.sqrt(trials * dispersion) * normalQuantile(u, 0, 1);
}

function poissonQuantile(u: number, mean: number): number {
  let [count, chance] = [0, Math.exp(-mean)];
  // The probability beyond this is too small to change a double near 1.
  const max = mean + 12 * Math.sqrt(mean) + 20;
  for (let sum = chance; sum < u && count < max; sum += chance) {
    count += 1;
    chance *= mean / count;
  }
  return count;
}
