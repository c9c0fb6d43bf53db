import { Distribution } from '../cloudwatch/metrics/distribution.js';
import type { Random } from '../account/random.js';
import { latencyShape, type LatencyShape, type Quantiles } from './latency-shape.js';
import { probit } from './probit.js';

/** Up to this many requests, each latency is drawn. */
const drawnSingly = 256;
/** Of more, this many of the lowest and of the highest are, and the last ones between them: buckets there are thin. */
const extremes = 8;
const lastDrawnSingly = 64;

/** One latency, in milliseconds as the percentiles. */
export function drawLatency(random: Random, quantiles: Quantiles): number {
  return latencyShape(quantiles).at(random.normal()) / 1000;
}

/** The latencies of many requests, in microseconds: the cost does not grow with their number. */
export function drawLatencies(random: Random, quantiles: Quantiles, requests: number): Distribution {
  const shape = latencyShape(quantiles);
  const drawn = new Distribution();
  if (requests > drawnSingly) drawMany(random, shape, requests, drawn);
  else for (let each = 0; each < requests; each += 1) drawn.add(shape.at(random.normal()));
  return drawn;
}

/** The outermost one by one (order statistics), those between by the bucket (multinomial). */
function drawMany(random: Random, shape: LatencyShape, requests: number, into: Distribution): void {
  const add = (quantile: number) => into.add(shape.at(probit(quantile)));
  let left = requests;
  let [low, high] = [0, 1];
  for (let each = 0; each < extremes; each += 1) {
    low = high - (high - low) * random.uniform() ** (1 / left--);
    add(low);
    high = low + (high - low) * random.uniform() ** (1 / left--);
    add(high);
  }
  const [lowest, highest] = [into.minimum, into.maximum];
  for (const { upTo, mean } of shape.buckets) {
    if (left <= lastDrawnSingly) break;
    if (upTo <= low) continue;
    const end = Math.min(upTo, high);
    const times = random.binomial(left, (end - low) / (high - low));
    into.add(Math.min(highest, Math.max(lowest, mean)), times);
    left -= times;
    low = end;
  }
  for (; left > 0; left -= 1) add(low + (high - low) * random.uniform());
}
