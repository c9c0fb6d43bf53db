import type { MetricPoint } from '../cloudwatch/metrics/point.js';
import { StoredSeries, type SeriesState } from '../cloudwatch/metrics/series.js';
import type { MetricStore } from '../cloudwatch/metrics/store.js';
import { type Concurrency, concurrencyMetric, ConcurrencySource } from './concurrency.js';
import { invocationMetrics, invocationNamespace } from './invocation-metrics.js';
import { InvocationTally } from './tally.js';
import { tallyCodec } from './tally-codec.js';
import { dimensionsOf, variantKey, type VariantId } from './variant-id.js';

interface VariantLog {
  id: VariantId;
  /** Seed of the latencies. */
  seed: number;
  series: StoredSeries<InvocationTally>;
}

/** Published invocations of one variant, in the state file. */
export interface InvocationLogState {
  id: VariantId;
  seed: number;
  series: SeriesState;
}

/** Invocations of the variants by period. They are much smaller than the metrics, which are computed when read. */
export class InvocationLogs {
  private readonly logs = new Map<string, VariantLog>();

  constructor(
    private readonly metrics: MetricStore,
    private readonly seedOf: (id: VariantId) => number,
    private readonly presentOf: (id: VariantId) => Concurrency | null,
  ) {}

  /** Readers get the metrics from `visibleAt` on. */
  publish(id: VariantId, point: MetricPoint<InvocationTally>, visibleAt: number): void {
    const log = this.logs.get(variantKey(id)) ?? this.open(id, this.seedOf(id));
    if (!this.metrics.partial) {
      log.series.put(point, visibleAt);
      return;
    }
    for (const { unit, metric, valuesOf } of metricsOf(id)) {
      const values = valuesOf(point.values, log.seed);
      this.metrics.publish(metric, unit, { start: point.start, values }, visibleAt);
    }
  }

  /** The newest periods, up to about `maximumBytes` of packed ones in total. */
  toState(maximumBytes: number): InvocationLogState[] {
    const share = this.metrics.retention.shareOf(maximumBytes);
    return [...this.logs.values()].map(({ id, seed, series }) => ({
      id,
      seed,
      series: series.toState(share),
    }));
  }

  restore(states: InvocationLogState[]): void {
    for (const { id, seed, series } of states) this.open(id, seed).series.restore(series);
  }

  private open(id: VariantId, seed: number): VariantLog {
    const series = new StoredSeries(tallyCodec, this.metrics.retention);
    const log = { id, seed, series };
    this.logs.set(variantKey(id), log);
    for (const { unit, metric, valuesOf, isCounted } of metricsOf(id)) {
      const pointsOf = (tallies: MetricPoint<InvocationTally>[]): MetricPoint[] =>
        tallies
          .map(({ start, values }) => ({ start, values: valuesOf(values, seed) }))
          .filter(({ values }) => values.count > 0);
      this.metrics.addSource(metric, unit, {
        newest: (now) => series.newest(now),
        read: (from, to, now) => pointsOf(series.read(from, to, now)),
        ...(isCounted && {
          summarize: (periods, now) => pointsOf(series.count(periods, now, countsOf).map(tallyOf)),
        }),
      });
    }
    const { endpoint, variant } = id;
    this.metrics.addSource(
      {
        ...{ namespace: invocationNamespace, name: concurrencyMetric },
        dimensions: { EndpointName: endpoint, VariantName: variant },
      },
      'None',
      new ConcurrencySource(series, seed, () => this.presentOf(id)),
    );
    return log;
  }
}

function countsOf(tally: InvocationTally): number[] {
  const { invocations, errors4xx, errors5xx, modelErrors, perInstance } = tally;
  return [invocations, errors4xx, errors5xx, modelErrors, perInstance];
}

function tallyOf({ start, values }: MetricPoint<number[]>): MetricPoint<InvocationTally> {
  const tally = new InvocationTally();
  const [invocations = 0, errors4xx = 0, errors5xx = 0, modelErrors = 0, perInstance = 0] = values;
  const counts = { invocations, errors4xx, errors5xx, modelErrors, perInstance };
  return { start, values: Object.assign(tally, counts) };
}

function metricsOf(id: VariantId) {
  const dimensions = dimensionsOf(id);
  return invocationMetrics.map(({ name, ...rest }) => ({
    metric: { namespace: invocationNamespace, name, dimensions },
    ...rest,
  }));
}
