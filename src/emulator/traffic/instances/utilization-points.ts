import { Distribution } from '../../cloudwatch/metrics/distribution.js';
import type { MetricPoint } from '../../cloudwatch/metrics/point.js';
import type { MetricStore } from '../../cloudwatch/metrics/store.js';
import { Random } from '../../account/random.js';
import { invocationNamespace } from '../invocation-metrics.js';
import { dimensionsOf, type VariantId } from '../variant-id.js';
import type { InstanceSpan } from './instance-span.js';
import { type UtilizationMetric, utilizationOf } from './utilization.js';

/** For requests without a latency. */
const assumedMicroseconds = 5_000;

interface Asked {
  id: VariantId;
  seed: number;
  name: UtilizationMetric;
  span: InstanceSpan;
}

/** One point for each period of the span that has ended until `published`, with one value for each instance. */
export function utilizationPoints(
  metrics: MetricStore,
  { id, seed, name, span }: Asked,
  { from, to, now, published }: { from: number; to: number; now: number; published: number },
): MetricPoint[] {
  // Old requests are known only by longer periods.
  const stepMs = Math.max(
    span.periodMs,
    metrics.retention.resolutionAt(now - Math.max(from, span.from)) ?? 0,
  );
  const first = span.from + Math.max(0, Math.ceil((from - span.from) / stepMs)) * stepMs;
  const end = Math.min(to, span.to);
  const busy = busySeconds(metrics, id, { from: first, to: end, periodMs: stepMs }, now);
  const count = span.instances.reduce((sum, [, each]) => sum + each, 0);
  const random = new Random(seed);
  const points: MetricPoint[] = [];
  for (let start = first; start < end && start + span.periodMs <= published; start += stepMs) {
    const concurrency = (busy.get(start) ?? 0) / (stepMs / 1000) / count;
    const stream = random.fork(`${name}:${start}`);
    const values = new Distribution();
    for (const [type, instances] of span.instances)
      for (let each = 0; each < instances; each += 1)
        values.add(utilizationOf(name, type, concurrency, stream));
    points.push({ start, values });
  }
  return points;
}

/** Time that all instances together spend on the requests of each period (Little's law). */
function busySeconds(
  metrics: MetricStore,
  id: VariantId,
  periods: { from: number; to: number; periodMs: number },
  now: number,
): Map<number, number> {
  const read = (name: string) => {
    const metric = { namespace: invocationNamespace, name, dimensions: dimensionsOf(id) };
    return [...metrics.readPeriods(metric, periods, true, now).values()].flat();
  };
  const assumed = read('Invocations').map(({ start, values }) => [start, values.sum * assumedMicroseconds]);
  const measured = read('ModelLatency').map(({ start, values }) => [start, values.sum]);
  return new Map([...assumed, ...measured].map(([start = 0, sum = 0]) => [start, sum / 1e6]));
}
