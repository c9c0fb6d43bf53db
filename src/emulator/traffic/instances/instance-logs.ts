import type { MetricPoint } from '../../cloudwatch/metrics/point.js';
import type { MetricStore } from '../../cloudwatch/metrics/store.js';
import { variantKey, type VariantId } from '../variant-id.js';
import type { InstanceSpan } from './instance-span.js';
import { gpuMetrics, hasGpus, type UtilizationMetric, utilizationMetrics } from './utilization.js';
import { utilizationPoints } from './utilization-points.js';

interface VariantInstances {
  id: VariantId;
  /** Seed of the figures. */
  seed: number;
  spans: InstanceSpan[];
}

const keptMs = 455 * 86_400_000;

/** The instances of every variant over time. Their metrics are computed from them and from the requests when read. */
export class InstanceLogs {
  private readonly logs = new Map<string, VariantInstances>();
  /** Keys of the metrics that have a source. */
  private readonly published = new Set<string>();

  constructor(
    private readonly metrics: MetricStore,
    private readonly seedOf: (id: VariantId) => number,
    private readonly lateMs: () => number,
  ) {}

  /** Adds one period. */
  record(id: VariantId, { from, to }: { from: number; to: number }, instances: [string, number][]): void {
    if (instances.length === 0) return;
    const { spans } = this.logs.get(variantKey(id)) ?? this.open({ id, seed: this.seedOf(id), spans: [] });
    const last = spans.at(-1);
    const periodMs = to - from;
    if (last?.to === from && last.periodMs === periodMs && isSame(last.instances, instances)) last.to = to;
    else spans.push({ from, to, periodMs, instances });
    if ((spans[0]?.to ?? to) < to - keptMs) spans.shift();
    if (instances.some(([type]) => hasGpus(type))) this.publish(id, gpuMetrics);
  }

  toState(): VariantInstances[] {
    return [...this.logs.values()];
  }

  restore(logs: VariantInstances[]): void {
    for (const log of logs) {
      this.open(log);
      const types = log.spans.flatMap(({ instances }) => instances.map(([type]) => type));
      if (types.some(hasGpus)) this.publish(log.id, gpuMetrics);
    }
  }

  private open(log: VariantInstances): VariantInstances {
    this.logs.set(variantKey(log.id), log);
    this.publish(log.id, utilizationMetrics);
    return log;
  }

  private publish(id: VariantId, names: readonly UtilizationMetric[]): void {
    const log = this.logs.get(variantKey(id));
    for (const name of names) {
      const key = `${variantKey(id)}/${name}`;
      if (!log || this.published.has(key)) continue;
      this.published.add(key);
      this.metrics.addSource(
        {
          namespace: '/aws/sagemaker/Endpoints',
          name,
          dimensions: { EndpointName: id.endpoint, VariantName: id.variant },
        },
        'Percent',
        {
          read: (from, to, now) => this.read(log, name, { from, to, now }),
          newest: (now) => newestStart(log.spans, now - this.lateMs()),
        },
      );
    }
  }

  private read(
    { id, seed, spans }: VariantInstances,
    name: UtilizationMetric,
    { from, to, now }: { from: number; to: number; now: number },
  ): MetricPoint[] {
    const published = now - this.lateMs();
    return spans
      .filter((span) => span.to > from && span.from < to)
      .flatMap((span) =>
        utilizationPoints(this.metrics, { id, seed, name, span }, { from, to, now, published }),
      );
  }
}

function isSame(some: [string, number][], others: [string, number][]): boolean {
  return JSON.stringify(some) === JSON.stringify(others);
}

/** Start of the newest period that has ended until `published`. */
function newestStart(spans: InstanceSpan[], published: number): number | null {
  for (const { from, to, periodMs } of [...spans].reverse()) {
    const periods = Math.floor((Math.min(to, published) - from) / periodMs);
    if (periods > 0) return from + (periods - 1) * periodMs;
  }
  return null;
}
