import type { Endpoint, Variant } from '../sagemaker/endpoints/endpoint-state.js';
import { everyVariant } from '../sagemaker/endpoints/fleets.js';
import { servingShares, shadowShares } from '../sagemaker/endpoints/shares.js';
import type { AccountState } from '../account/account-state.js';
import type { Behaviour, ConversionMetric } from './behaviours.js';
import type { Concurrency } from './concurrency.js';
import { ratioDistribution } from './invocation-metrics.js';
import { presentConcurrency } from './present-concurrency.js';
import { dimensionsFor, requestValuesOf } from './request-metrics.js';
import { mirrorRequests, type Requests, simulateRequests } from './simulation.js';
import { type InvocationOutcome, InvocationTally } from './tally.js';
import type { MeterState, TrafficMeter } from './traffic-meter.js';

const plainPeriodSeconds = 60;
const microsecondsPerMs = 1000;
const defaultConversion = { namespace: 'Shop', name: 'Conversions', per: 'Visitors' };
const serving = new Set(['InService', 'Updating', 'SystemUpdating', 'RollingBack', 'UpdateRollbackFailed']);

/** Simulates the traffic of an endpoint, counts real requests, and publishes both at the end of every period. */
export class Meter implements TrafficMeter {
  private tallies = new Map<string, InvocationTally>();
  private simulatedTo: number;
  private readonly loads = new Map<string, number>();
  private readonly random;

  constructor(
    private readonly account: AccountState,
    private readonly endpoint: Endpoint,
  ) {
    this.simulatedTo = account.time;
    this.random = account.random.fork(`traffic:${endpoint.name}`);
    this.scheduleTick();
  }

  toState(): MeterState {
    return { simulatedTo: this.simulatedTo, tallies: this.tallies, randomAt: this.random.position };
  }

  restore({ simulatedTo, tallies, randomAt }: MeterState): void {
    this.simulatedTo = simulatedTo;
    this.tallies = tallies;
    this.random.moveTo(randomAt);
  }

  record(variant: string, outcome: InvocationOutcome, latencyMs: number, overheadMs: number): void {
    const tally = this.tallyOf(variant);
    tally.count(outcome);
    const instances = this.everyInstance().find(({ name }) => name === variant)?.currentCount ?? 0;
    tally.countInstances(1, instances);
    tally.addLatencies({ model: latencyMs * microsecondsPerMs, overhead: overheadMs * microsecondsPerMs });
  }

  catchUp(): void {
    const { account, random } = this;
    const from = this.simulatedTo;
    this.simulatedTo = account.time;
    for (const { model, currentCount } of this.everyInstance())
      account.served.addInstanceTime(model.name, currentCount * Math.max(0, account.time - from));
    if (account.time <= from || !serving.has(this.endpoint.status)) return;
    const expected = account.traffic.expected(this.endpoint.name, from, account.time, account.startedAt);
    const requests = { people: random.poisson(expected.people), bots: random.poisson(expected.bots) };
    this.split(requests, (account.time - from) / 1000);
  }

  /** Also those of a second fleet. */
  private everyInstance(): Variant[] {
    const { second } = this.endpoint;
    return [...everyVariant(this.endpoint), ...(second ? everyVariant(second.fleet) : [])];
  }

  private split(requests: Requests, seconds: number): void {
    for (const { variant, share } of shadowShares(this.endpoint)) {
      const { people, bots } = mirrorRequests(this.random, requests, share);
      // Copies never convert, because their users get the response of another variant.
      this.simulate(variant, { people: 0, bots: people + bots }, { seconds, isCopy: true });
    }
    let left = requests;
    let shareLeft = 1;
    for (const { variant, share } of servingShares(this.endpoint)) {
      const taken = mirrorRequests(this.random, left, shareLeft > 0 ? share / shareLeft : 0);
      this.simulate(variant, taken, { seconds, isCopy: false });
      left = { people: left.people - taken.people, bots: left.bots - taken.bots };
      shareLeft -= share;
    }
  }

  private simulate(
    variant: Variant,
    requests: Requests,
    { seconds, isCopy }: { seconds: number; isCopy: boolean },
  ): void {
    const count = requests.people + requests.bots;
    // A variant with its own process is measured, not simulated.
    if (count === 0 || variant.serving) return;
    const { time, startedAt } = this.account;
    const now = time - (seconds * 1000) / 2;
    const since = time - seconds * 1000;
    const load = count / seconds / Math.max(1, variant.currentCount);
    const behaviour = this.account.behaviours.of(variant.model);
    const tally = this.tallyOf(variant.name);
    const { served } = this.account;
    // Without instances, the platform returns an error.
    if (variant.currentCount === 0 && !variant.serverless) {
      tally.count('serverError', count);
      served.count(variant.model.name, { requests: count, failed: count, isCopy, since });
      return;
    }
    this.loads.set(variant.name, load);
    tally.countInstances(count, variant.currentCount);
    const failedBefore = tally.modelErrors;
    simulateRequests(this.random, behaviour, { now, startedAt, load }, requests, tally);
    const failed = tally.modelErrors - failedBefore;
    served.count(variant.model.name, { requests: count, failed, isCopy, since });
  }

  loadOf(variant: string): number {
    return this.loads.get(variant) ?? 0;
  }

  concurrencyOf(variant: string): Concurrency | null {
    return serving.has(this.endpoint.status)
      ? presentConcurrency(this.account, this.endpoint, variant)
      : null;
  }

  private scheduleTick(): void {
    const periodMs = this.periodMs();
    const start = Math.floor(this.account.time / periodMs) * periodMs;
    this.account.scheduler.add(start + periodMs, () => {
      this.catchUp();
      this.publish(start, start + periodMs);
      if (this.account.endpoints.get(this.endpoint.name.toLowerCase()) === this.endpoint) this.scheduleTick();
    });
  }

  private publish(start: number, end: number): void {
    this.recordInstances(start, end);
    const visibleAt = end + this.account.pace.lateMs;
    for (const [variant, tally] of this.tallies) {
      tally.seconds = (end - start) / 1000;
      if (tally.invocations === 0 || this.account.outages.isWithheld(this.endpoint.name, variant)) continue;
      this.account.invocations.publish(
        { endpoint: this.endpoint.name, variant },
        { start, values: tally },
        visibleAt,
      );
      this.publishConversions(variant, start, tally, visibleAt);
      this.publishRequestMetrics(variant, { start, end }, tally, visibleAt);
    }
    this.tallies = new Map();
  }

  /** A variant in two fleets has the instances of both. Withheld metrics are never published. */
  private recordInstances(from: number, to: number): void {
    if (this.account.endpoints.get(this.endpoint.name.toLowerCase()) !== this.endpoint) return;
    const byVariant = new Map<string, Map<string, number>>();
    for (const { name, instanceType, currentCount } of this.everyInstance()) {
      if (instanceType === undefined || currentCount === 0) continue;
      const counts = byVariant.get(name) ?? new Map<string, number>();
      byVariant.set(name, counts.set(instanceType, (counts.get(instanceType) ?? 0) + currentCount));
    }
    for (const [variant, counts] of byVariant) {
      if (this.account.outages.isWithheld(this.endpoint.name, variant)) continue;
      this.account.instances.record({ endpoint: this.endpoint.name, variant }, { from, to }, [...counts]);
    }
  }

  private publishConversions(
    variant: string,
    start: number,
    tally: InvocationTally,
    visibleAt: number,
  ): void {
    const conversion = this.conversionOf(variant);
    if (!conversion || tally.visitors === 0) return;
    const { namespace, name, per } = conversion;
    const dimensions = { EndpointName: this.endpoint.name, VariantName: variant };
    for (const [metric, count] of [
      [name, tally.conversions],
      [per, tally.visitors],
    ] as const) {
      const values = ratioDistribution(count, tally.visitors);
      this.account.metrics.publish(
        { namespace, name: metric, dimensions },
        'Count',
        { start, values },
        visibleAt,
      );
    }
  }

  private publishRequestMetrics(
    variant: string,
    { start, end }: { start: number; end: number },
    tally: InvocationTally,
    visibleAt: number,
  ): void {
    const model = this.endpoint.variants.find((each) => each.name === variant)?.model;
    if (!model || tally.visitors === 0) return;
    for (const metric of this.account.behaviours.of(model).metrics ?? []) {
      const values = requestValuesOf(this.random, metric.values, tally, (end - start) / 1000);
      const dimensions = dimensionsFor(metric, { endpoint: this.endpoint.name, variant });
      const id = { namespace: metric.namespace, name: metric.name, dimensions };
      if (values.count > 0) this.account.metrics.publish(id, 'None', { start, values }, visibleAt);
    }
  }

  private conversionOf(variant: string): ConversionMetric | null {
    const model = this.endpoint.variants.find((each) => each.name === variant)?.model;
    const behaviour = model && this.account.behaviours.of(model);
    return behaviour?.conversionMetric ?? (converts(behaviour) ? defaultConversion : null);
  }

  private periodMs(): number {
    const metrics = this.endpoint.config.request.MetricsConfig;
    const published = metrics?.EnableEnhancedMetrics ? metrics.MetricPublishFrequencyInSeconds : undefined;
    return (published ?? plainPeriodSeconds) * 1000;
  }

  private tallyOf(variant: string): InvocationTally {
    const tally = this.tallies.get(variant) ?? new InvocationTally();
    this.tallies.set(variant, tally);
    return tally;
  }
}

function converts(behaviour: Omit<Behaviour, 'model'> | undefined): boolean {
  const profiles = behaviour ? [behaviour, ...(behaviour.when ?? [])] : [];
  return profiles.some((profile) => profile.conversionRate !== undefined);
}
