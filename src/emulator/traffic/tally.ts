import { Distribution } from '../cloudwatch/metrics/distribution.js';
import { type Batch, latenciesOf, type LatencyKind, withBatches } from './batches.js';

/** How one request to a container ended. `broken`: no HTTP answer at all. */
export type InvocationOutcome = 'ok' | 'clientError' | 'serverError' | 'broken';

/** What one variant did in a metric period. Latencies in microseconds, as CloudWatch has them. */
export class InvocationTally {
  invocations = 0;
  errors4xx = 0;
  errors5xx = 0;
  modelErrors = 0;
  /** Simulated requests, and those of them that converted. */
  visitors = 0;
  conversions = 0;
  /** The simulated requests that took time. */
  batches: Batch[] = [];
  /** Of the real requests; null where there were none. */
  measured: Record<LatencyKind, Distribution> | null = null;

  count(outcome: InvocationOutcome, times = 1): void {
    this.invocations += times;
    if (outcome !== 'ok') this.modelErrors += times;
    if (outcome === 'clientError') this.errors4xx += times;
    if (outcome === 'serverError') this.errors5xx += times;
  }

  countConversions(visitors: number, conversions: number): void {
    this.visitors += visitors;
    this.conversions += conversions;
  }

  addBatch(batch: Batch): void {
    if (batch.requests > 0) this.batches = withBatches(this.batches, [batch]);
  }

  /** Of a real request. */
  addLatencies(latencies: Record<LatencyKind, number>): void {
    const measured = (this.measured ??= { model: new Distribution(), overhead: new Distribution() });
    measured.model.add(latencies.model);
    measured.overhead.add(latencies.overhead);
  }

  merge(other: InvocationTally): void {
    this.invocations += other.invocations;
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

  /** Draws those of the simulated requests, from the seed alone. Not to be changed. */
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
