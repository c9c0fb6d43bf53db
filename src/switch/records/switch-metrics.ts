/** What /metrics says of the switch, for Prometheus. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Exposure } from '../assignment/exposure.js';
import type { FollowedState } from '../split/follower.js';
import type { HookName } from '../sagemaker/hooks.js';

const prefix = 'penstock_switch_';
/** Seconds. */
const latencyBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** Names are the clients' to choose. */
const maxEndpointLabels = 1000;

/** Read when someone asks. */
export interface Gauges {
  followed: () => FollowedState[];
  outcomesWaiting: () => number;
  journalDropped: () => number;
  publishFailures: () => number;
  publishDropped: () => number;
}

export class SwitchMetrics {
  readonly registry = new Registry();
  private readonly endpoints = new Set<string>();
  private readonly invocations = this.counter('invocations_total', 'Invocations answered', [
    'endpoint',
    'role',
    'status',
  ]);
  private readonly reasons = this.counter('assignments_total', 'Why an arm was taken', [
    'endpoint',
    'role',
    'reason',
  ]);
  private readonly fallbacks = this.counter('fallbacks_total', 'Second attempts', ['endpoint', 'reason']);
  private readonly refusals = this.counter('refusals_total', 'Calls that the switch answered itself', [
    'status',
  ]);
  private readonly hooks = this.counter('hook_failures_total', 'Hooks that failed', ['hook']);
  private readonly outcomes = this.counter('outcomes_total', 'Outcomes, by what became of them', ['result']);
  private readonly latency = new Histogram({
    name: `${prefix}latency_seconds`,
    help: "Until the answer's end, SageMaker's time included",
    labelNames: ['endpoint', 'role'],
    buckets: latencyBuckets,
    registers: [this.registry],
  });

  invoked({ endpoint, role, status, reason, latencyMs, fallback }: Exposure): void {
    const name = this.nameOf(endpoint);
    this.invocations.inc({ endpoint: name, role, status });
    this.reasons.inc({ endpoint: name, role, reason });
    this.latency.observe({ endpoint: name, role }, latencyMs / 1000);
    if (fallback !== null) this.fallbacks.inc({ endpoint: name, reason: fallback });
  }

  refused(status: number): void {
    this.refusals.inc({ status });
  }

  hookFailed(hook: HookName): void {
    this.hooks.inc({ hook });
  }

  concluded(result: string): void {
    this.outcomes.inc({ result });
  }

  watch(gauges: Gauges): void {
    const share = new Gauge({
      name: `${prefix}candidate_share_percent`,
      help: 'Users who get the candidate',
      labelNames: ['endpoint'],
      registers: [this.registry],
      collect: () => {
        share.reset();
        for (const { endpoint, split } of gauges.followed())
          if (split !== null) share.set({ endpoint }, split.candidateShare);
      },
    });
    const stale = new Gauge({
      name: `${prefix}split_unknown`,
      help: '1 where it is not known whether the split is the newest',
      labelNames: ['endpoint'],
      registers: [this.registry],
      collect: () => {
        stale.reset();
        for (const { endpoint, trouble } of gauges.followed())
          stale.set({ endpoint }, trouble === null ? 0 : 1);
      },
    });
    this.gauge('outcomes_waiting', 'Exposures whose outcome could still be joined', gauges.outcomesWaiting);
    this.gauge('journal_dropped', 'Records that could not be written down', gauges.journalDropped);
    this.gauge('cloudwatch_failures', 'Calls that CloudWatch refused', gauges.publishFailures);
    this.gauge('cloudwatch_dropped', 'Data points given up', gauges.publishDropped);
  }

  private counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name: prefix + name, help, labelNames, registers: [this.registry] });
  }

  private gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({
      name: prefix + name,
      help,
      registers: [this.registry],
      collect: () => gauge.set(read()),
    });
  }

  private nameOf(endpoint: string): string {
    if (this.endpoints.has(endpoint)) return endpoint;
    if (this.endpoints.size >= maxEndpointLabels) return 'other';
    this.endpoints.add(endpoint);
    return endpoint;
  }
}
