import { Distribution } from '../cloudwatch/metrics/distribution.js';
import { type Batch, latenciesOf, type LatencyKind, withBatches } from './batches.js';

/** Result of one request to a container. `broken`: no HTTP response. */
export type InvocationOutcome = 'ok' | 'clientError' | 'serverError' | 'broken';

/** Invocations of one variant in a metric period. Latencies are in microseconds, like in CloudWatch. */
export class InvocationTally {
  invocations = 0;
  /** Sum of 1/instances over the invocations. 0 for a serverless variant. */
  perInstance = 0;
  /** Length of the metric period. Merged tallies keep it: they are too old for metrics of less than a minute. */
  seconds = 60;
  errors4xx = 0;
  errors5xx = 0;
  modelErrors = 0;
  /** Simulated requests, and their conversions. */
  visitors = 0;
  conversions = 0;
  /** Batches of simulated requests with latencies. */
  batches: Batch[] = [];
  /** Latencies of real requests. Null without real requests. */
  measured: Record<LatencyKind, Distribution> | null = null;

  count(outcome: InvocationOutcome, times = 1): void {
    this.invocations += times;
    if (outcome !== 'ok') this.modelErrors += times;
    if (outcome === 'clientError') this.errors4xx += times;
    if (outcome === 'serverError') this.errors5xx += times;
  }

  /** `instances`: of the variant when it gets these invocations. */
  countInstances(times: number, instances: number): void {
    if (instances > 0) this.perInstance += times / instances;
  }

  countConversions(visitors: number, conversions: number): void {
    this.visitors += visitors;
    this.conversions += conversions;
  }

  addBatch(batch: Batch): void {
    if (batch.requests > 0) this.batches = withBatches(this.batches, [batch]);
  }

  /** Adds the latencies of a real request. */
  addLatencies(latencies: Record<LatencyKind, number>): void {
    const measured = (this.measured ??= { model: new Distribution(), overhead: new Distribution() });
    measured.model.add(latencies.model);
    measured.overhead.add(latencies.overhead);
  }

  merge(other: InvocationTally): void {
    this.invocations += other.invocations;
    this.perInstance += other.perInstance;
    this.errors4xx += other.errors4xx;
    this.errors5xx += other.errors5xx;
    this.modelErrors += other.modelErrors;
    this.countConversions(other.visitors, other.conversions);
    this.batches = withBatches(this.batches, other.batches);
    if (!other.measured) return;
    const measured = (this.measured ??= { model: new Distribution(), overhead: new Distribution() });
    measured.model.merge(other.measured.model);
    measured.overhead.merge(other.measured.overhead);
  }

  /** Draws the latencies of simulated requests from the seed only. Callers must not change the result. */
  latencies(kind: LatencyKind, seed: number): Distribution {
    const drawn = this.batches.map((batch) => latenciesOf(batch, kind, seed));
    const all = this.measured ? [this.measured[kind], ...drawn] : drawn;
    const [only] = all;
    if (only && all.length === 1) return only;
    const together = new Distribution();
    for (const each of all) together.merge(each);
    return together;
  }
}
