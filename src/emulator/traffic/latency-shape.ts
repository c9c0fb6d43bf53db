import { histogramBucketOf } from '../cloudwatch/metrics/values.js';
import { probit } from './probit.js';

/**
 * Percentiles of a latency. `{ p50: 40, p99: 400 }` is log-normal. More percentiles bend the distribution: between two
 * of them, the logarithm is linear over the quantiles of the normal distribution. Beyond the outermost ones, the line
 * continues.
 */
export type Quantiles = Partial<Record<`p${number}`, number>>;

/** The distribution of a latency, in microseconds. */
export interface LatencyShape {
  /** The natural logarithm of the latency at a quantile of the standard normal distribution. */
  logarithmAt(deviate: number): number;
  /** Buckets in ascending order: the quantile at the end of each bucket, from 0 to 1, and the mean of its values. */
  buckets: { bucket: number; upTo: number; mean: number }[];
}

const microsecondsPerMs = 1000;
/** Steps of the normal distribution, fine enough that the share of a bucket is known to 1 %. */
const outermostDeviate = 7;
const cellsPerDeviate = 1024;

/** Max cached shapes. Only a test that sets a new behaviour every minute has so many. */
const maximumKept = 256;
const kept = new Map<string, LatencyShape>();

/** Cached, because the computation of a shape takes some milliseconds. */
export function latencyShape(quantiles: Quantiles): LatencyShape {
  const known = byQuantiles.get(quantiles);
  if (known) return known;
  const key = JSON.stringify(quantiles);
  const shape = kept.get(key) ?? makeShape(quantiles);
  if (kept.size >= maximumKept) kept.clear();
  kept.set(key, shape);
  byQuantiles.set(quantiles, shape);
  return shape;
}
const byQuantiles = new WeakMap<Quantiles, LatencyShape>();

function makeShape(quantiles: Quantiles): LatencyShape {
  const logarithmAt = curveOf(quantiles);
  let buckets: LatencyShape['buckets'] | null = null;
  return {
    logarithmAt,
    get buckets() {
      return (buckets ??= bucketsOf(logarithmAt));
    },
  };
}

function bucketsOf(logarithmAt: LatencyShape['logarithmAt']): LatencyShape['buckets'] {
  const buckets: LatencyShape['buckets'] = [];
  let [share, sum, end, bucket] = [0, 0, 0, -1];
  const finish = () => {
    end += share;
    if (share > 0) buckets.push({ bucket: histogramBucketOf(sum / share), upTo: end, mean: sum / share });
    [share, sum] = [0, 0];
  };
  for (let cell = -outermostDeviate * cellsPerDeviate; cell < outermostDeviate * cellsPerDeviate; cell += 1) {
    const deviate = (cell + 0.5) / cellsPerDeviate;
    const density = Math.exp(-(deviate ** 2) / 2) / Math.sqrt(2 * Math.PI);
    const value = Math.exp(logarithmAt(deviate));
    if (histogramBucketOf(value) !== bucket) {
      finish();
      bucket = histogramBucketOf(value);
    }
    share += density / cellsPerDeviate;
    sum += (value * density) / cellsPerDeviate;
  }
  finish();
  return buckets;
}

/** Maps a quantile of the standard normal distribution to the logarithm of the latency. */
function curveOf(quantiles: Quantiles): LatencyShape['logarithmAt'] {
  const knots = Object.entries(quantiles)
    .map(([percentile, value]) => ({
      z: probit(Number(percentile.slice(1)) / 100),
      log: Math.log((value ?? 0) * microsecondsPerMs),
    }))
    .sort((a, b) => a.z - b.z);
  return (deviate) => {
    let right = 1;
    while (right < knots.length - 1 && deviate >= (knots[right]?.z ?? 0)) right += 1;
    const from = knots[right - 1];
    const to = knots[right];
    if (!from || !to) return from?.log ?? 0;
    return from.log + ((to.log - from.log) * (deviate - from.z)) / (to.z - from.z);
  };
}
