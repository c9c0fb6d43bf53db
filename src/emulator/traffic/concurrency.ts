/** ConcurrentRequestsPerModel: the requests that each instance works on at a time, every ten seconds. */
import { Distribution } from '../cloudwatch/metrics/distribution.js';
import type { MetricPoint } from '../cloudwatch/metrics/point.js';
import type { StoredSeries } from '../cloudwatch/metrics/series.js';
import type { PointSource } from '../cloudwatch/metrics/store.js';
import type { InvocationTally } from './tally.js';

/** `perInstance`: requests at a time. */
export interface Concurrency {
  perInstance: number;
  instances: number;
}

/** https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html */
export const concurrencyMetric = 'ConcurrentRequestsPerModel';

const stepMs = 10_000;
/** CloudWatch keeps data of less than a minute for three hours. */
const keptMs = 3 * 3_600_000;
const microsecondsPerSecond = 1_000_000;

/**
 * The points are computed when they are read: those of published periods from their invocations, and later ones from the
 * present traffic. Nothing is simulated every ten seconds, which would take most of the time of a simulation.
 */
export class ConcurrencySource implements PointSource {
  constructor(
    private readonly series: StoredSeries<InvocationTally>,
    private readonly seed: number,
    private readonly present: () => Concurrency | null,
  ) {}

  newest(now: number): number | null {
    const end = Math.floor(now / stepMs) * stepMs;
    return this.present() === null ? this.series.newest(now) : end - stepMs;
  }

  read(from: number, to: number, now: number): MetricPoint[] {
    const earliest = Math.max(from, now - keptMs);
    const points: MetricPoint[] = [];
    let next = Math.ceil(earliest / stepMs) * stepMs;
    for (const { start, values } of this.series.read(earliest - longestPeriodMs, to, now)) {
      const concurrency = this.past(values);
      const end = Math.min(to, start + values.seconds * 1000);
      for (next = Math.max(next, start); next < end; next += stepMs) addPoint(points, next, concurrency);
    }
    const concurrency = this.present();
    if (concurrency !== null)
      for (; next < to && next + stepMs <= now; next += stepMs) addPoint(points, next, concurrency);
    return points;
  }

  /** Requests at a time = requests a second * seconds of a request (Little's law). */
  private past(tally: InvocationTally): Concurrency {
    if (tally.perInstance === 0) return { perInstance: 0, instances: 0 };
    const seconds = tally.latencies('model', this.seed).sum / microsecondsPerSecond;
    const instances = tally.invocations / tally.perInstance;
    return { perInstance: seconds / tally.seconds / instances, instances: Math.round(instances) };
  }
}

/** The longest publish frequency of a config (botocore, MetricPublishFrequencyInSeconds). */
const longestPeriodMs = 300_000;

function addPoint(points: MetricPoint[], start: number, { perInstance, instances }: Concurrency): void {
  if (instances === 0) return;
  const values = new Distribution();
  values.add(perInstance, instances);
  points.push({ start, values });
}
