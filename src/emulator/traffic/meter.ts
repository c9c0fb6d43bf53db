import type { Endpoint, Variant } from '../world/resources.js';
import type { World } from '../world/world.js';
import { drawLatencies } from './latency.js';
import { type InvocationOutcome, Tally } from './tally.js';

const plainPeriodSeconds = 60;
const overheadMs = { p50: 4, p99: 12 };
const microsecondsPerMs = 1000;
const serving = new Set(['InService', 'Updating', 'SystemUpdating', 'RollingBack', 'UpdateRollbackFailed']);

/** Simulates an endpoint's traffic, counts its real requests, and publishes both at every period's end. */
export class Meter {
  private tallies = new Map<string, Tally>();
  private simulatedTo: number;
  private readonly random;

  constructor(
    private readonly world: World,
    private readonly endpoint: Endpoint,
  ) {
    this.simulatedTo = world.time;
    this.random = world.random.fork(`traffic:${endpoint.name}`);
    this.scheduleTick();
  }

  /** Counts one request; `latencyMs` is the container's, `overheadMs` the rest. */
  record(variant: string, outcome: InvocationOutcome, latencyMs: number, overheadMs: number): void {
    const tally = this.tallyOf(variant);
    tally.count(outcome);
    tally.modelLatency.add(latencyMs * microsecondsPerMs);
    tally.overheadLatency.add(overheadMs * microsecondsPerMs);
  }

  /** Simulates the traffic up to now. Call it before anything changes that traffic depends on. */
  catchUp(): void {
    const seconds = (this.world.time - this.simulatedTo) / 1000;
    this.simulatedTo = this.world.time;
    const rate = this.world.traffic.of(this.endpoint.name);
    if (rate === 0 || seconds <= 0 || !serving.has(this.endpoint.status)) return;
    let requests = this.random.poisson(rate * seconds);
    let weight = this.endpoint.variants.reduce((sum, variant) => sum + variant.currentWeight, 0);
    for (const variant of this.endpoint.variants) {
      const share = weight > 0 ? this.random.binomial(requests, variant.currentWeight / weight) : 0;
      this.simulate(variant, share);
      requests -= share;
      weight -= variant.currentWeight;
    }
  }

  private simulate(variant: Variant, requests: number): void {
    // A variant with a process of its own is measured, not simulated.
    if (requests === 0 || variant.serving) return;
    const behaviour = this.world.behaviours.of(variant.model);
    const tally = this.tallyOf(variant.name);
    const serverErrors = this.random.binomial(requests, behaviour.errorRate ?? 0);
    const clientErrors = this.random.binomial(requests - serverErrors, behaviour.clientErrorRate ?? 0);
    const broken = this.random.binomial(
      requests - serverErrors - clientErrors,
      behaviour.modelErrorRate ?? 0,
    );
    tally.count('serverError', serverErrors);
    tally.count('clientError', clientErrors);
    tally.count('broken', broken);
    tally.count('ok', requests - serverErrors - clientErrors - broken);
    const { latencyMs } = behaviour;
    if (latencyMs) drawLatencies(this.random, latencyMs, requests, tally.modelLatency, microsecondsPerMs);
    drawLatencies(this.random, overheadMs, requests, tally.overheadLatency, microsecondsPerMs);
  }

  private scheduleTick(): void {
    const periodMs = this.periodMs();
    const start = Math.floor(this.world.time / periodMs) * periodMs;
    this.world.agenda.add(start + periodMs, () => {
      this.catchUp();
      this.publish(start, start + periodMs);
      if (this.world.endpoints.get(this.endpoint.name.toLowerCase()) === this.endpoint) this.scheduleTick();
    });
  }

  private publish(start: number, end: number): void {
    for (const [variant, tally] of this.tallies) {
      if (this.world.outages.isWithheld(this.endpoint.name, variant)) continue;
      const dimensions = { EndpointName: this.endpoint.name, VariantName: variant };
      for (const { name, unit, values } of tally.toMetrics()) {
        const id = { namespace: 'AWS/SageMaker', name, dimensions };
        if (values.count > 0) {
          this.world.metrics.put(id, unit, { start, values }, end + this.world.pace.lateMs);
        }
      }
    }
    this.tallies = new Map();
  }

  private periodMs(): number {
    const metrics = this.endpoint.config.request.MetricsConfig;
    const published = metrics?.EnableEnhancedMetrics ? metrics.MetricPublishFrequencyInSeconds : undefined;
    return (published ?? plainPeriodSeconds) * 1000;
  }

  private tallyOf(variant: string): Tally {
    const tally = this.tallies.get(variant) ?? new Tally();
    this.tallies.set(variant, tally);
    return tally;
  }
}
