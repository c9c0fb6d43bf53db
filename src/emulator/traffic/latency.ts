import { Distribution } from '../cloudwatch/metrics/distribution.js';
import { bucketOfLogarithm } from '../cloudwatch/metrics/values.js';
import type { Random } from '../account/random.js';
import { latencyShape, type LatencyShape, type Quantiles } from './latency-shape.js';
import { probit } from './probit.js';

/** Max requests for which each latency is drawn. */
const drawnSingly = 256;
/** Above that, these numbers of the lowest, the highest and the last latencies are drawn: buckets there are thin. */
const extremes = 8;
const lastDrawnSingly = 64;

/** Draws one latency, in milliseconds like the percentiles. */
export function drawLatency(random: Random, quantiles: Quantiles): number {
  return Math.exp(latencyShape(quantiles).logarithmAt(random.normal())) / 1000;
}

/** Draws the latencies of many requests, in microseconds. The cost does not grow with their number. */
export function drawLatencies(random: Random, quantiles: Quantiles, requests: number): Distribution {
  const shape = latencyShape(quantiles);
  const drawn = new Distribution();
  if (requests > drawnSingly) drawMany(random, shape, requests, drawn);
  else for (let each = 0; each < requests; each += 1) addLatency(drawn, shape.logarithmAt(random.normal()));
  return drawn;
}

function addLatency(to: Distribution, logarithm: number): void {
  to.add(Math.exp(logarithm), 1, bucketOfLogarithm(logarithm));
}

/** Draws the outermost latencies one by one (order statistics), and the others by bucket (multinomial). */
function drawMany(random: Random, shape: LatencyShape, requests: number, into: Distribution): void {
  const add = (quantile: number) => addLatency(into, shape.logarithmAt(probit(quantile)));
  let left = requests;
  let [low, high] = [0, 1];
  for (let each = 0; each < extremes; each += 1) {
    low = high - (high - low) * random.uniform() ** (1 / left--);
    add(low);
    high = low + (high - low) * random.uniform() ** (1 / left--);
    add(high);
  }
  const [lowest, highest] = [into.minimum, into.maximum];
  for (const { bucket, upTo, mean } of shape.buckets) {
    if (left <= lastDrawnSingly) break;
    if (upTo <= low) continue;
    const end = Math.min(upTo, high);
    const times = random.binomial(left, (end - low) / (high - low));
    if (mean >= lowest && mean <= highest) into.add(mean, times, bucket);
    else into.add(Math.min(highest, Math.max(lowest, mean)), times);
    left -= times;
    low = end;
  }
  for (; left > 0; left -= 1) add(low + (high - low) * random.uniform());
}
