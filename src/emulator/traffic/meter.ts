import type { Endpoint, Variant } from '../sagemaker/endpoints/endpoint-state.js';
import { servingShares, shadowShares } from '../sagemaker/endpoints/shares.js';
import type { AccountState } from '../account/account-state.js';
import type { Behaviour, ConversionMetric } from './behaviours.js';
import { ratioDistribution } from './invocation-metrics.js';
import { mirrorRequests, type Requests, simulateRequests } from './simulation.js';
import { type InvocationOutcome, InvocationTally } from './tally.js';
import type { MeterState, TrafficMeter } from './traffic-meter.js';

const plainPeriodSeconds = 60;
const microsecondsPerMs = 1000;
const defaultConversion = { namespace: 'Shop', name: 'Conversions', per: 'Visitors' };
const serving = new Set(['InService', 'Updating', 'SystemUpdating', 'RollingBack', 'UpdateRollbackFailed']);

/** Simulates an endpoint's traffic, counts its real requests, and publishes both at every period's end. */
export class Meter implements TrafficMeter {
  private tallies = new Map<string, InvocationTally>();
  private simulatedTo: number;
  private readonly loads = new Map<string, number>();
  private readonly random;

  constructor(
    private readonly world: AccountState,
    private readonly endpoint: Endpoint,
  ) {
    this.simulatedTo = world.time;
    this.random = world.random.fork(`traffic:${endpoint.name}`);
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
    tally.addLatencies({ model: latencyMs * microsecondsPerMs, overhead: overheadMs * microsecondsPerMs });
  }

  catchUp(): void {
    const { world, random } = this;
    const from = this.simulatedTo;
    this.simulatedTo = world.time;
    if (world.time <= from || !serving.has(this.endpoint.status)) return;
    const expected = world.traffic.expected(this.endpoint.name, from, world.time, world.startedAt);
    const requests = { people: random.poisson(expected.people), bots: random.poisson(expected.bots) };
    this.split(requests, (world.time - from) / 1000);
  }

  private split(requests: Requests, seconds: number): void {
    for (const { variant, share } of shadowShares(this.endpoint)) {
      const { people, bots } = mirrorRequests(this.random, requests, share);
      // Copies: whoever sent them sees another variant's answer.
      this.simulate(variant, { people: 0, bots: people + bots }, seconds);
    }
    let left = requests;
    let shareLeft = 1;
    for (const { variant, share } of servingShares(this.endpoint)) {
      const taken = mirrorRequests(this.random, left, shareLeft > 0 ? share / shareLeft : 0);
      this.simulate(variant, taken, seconds);
      left = { people: left.people - taken.people, bots: left.bots - taken.bots };
      shareLeft -= share;
    }
  }

  private simulate(variant: Variant, requests: Requests, seconds: number): void {
    const count = requests.people + requests.bots;
    // A variant with a process of its own is measured, not simulated.
    if (count === 0 || variant.serving) return;
    const { time, startedAt } = this.world;
    const now = time - (seconds * 1000) / 2;
    const load = count / seconds / Math.max(1, variant.currentCount);
    const behaviour = this.world.behaviours.of(variant.model);
    const tally = this.tallyOf(variant.name);
    // The platform answers where no instance is left.
    if (variant.currentCount === 0 && !variant.serverless) {
      tally.count('serverError', count);
      return;
    }
    this.loads.set(variant.name, load);
    simulateRequests(this.random, behaviour, { now, startedAt, load }, requests, tally);
  }

  loadOf(variant: string): number {
    return this.loads.get(variant) ?? 0;
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
    const visibleAt = end + this.world.pace.lateMs;
    for (const [variant, tally] of this.tallies) {
      if (tally.invocations === 0 || this.world.outages.isWithheld(this.endpoint.name, variant)) continue;
      this.world.invocations.publish(
        { endpoint: this.endpoint.name, variant },
        { start, values: tally },
        visibleAt,
      );
      this.publishConversions(variant, start, tally, visibleAt);
    }
    this.tallies = new Map();
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
      this.world.metrics.publish(
        { namespace, name: metric, dimensions },
        'Count',
        { start, values },
        visibleAt,
      );
    }
  }

  private conversionOf(variant: string): ConversionMetric | null {
    const model = this.endpoint.variants.find((each) => each.name === variant)?.model;
    const behaviour = model && this.world.behaviours.of(model);
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
  const conducts = behaviour ? [behaviour, ...(behaviour.when ?? [])] : [];
  return conducts.some((conduct) => conduct.conversionRate !== undefined);
}
