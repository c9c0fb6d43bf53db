/** The metrics of the switch for Prometheus, at /metrics. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Exposure } from '../assignment/exposure.js';
import type { FollowedState } from '../split/follower.js';
import type { HookName } from '../sagemaker/hooks.js';

const prefix = 'penstock_switch_';
/** Seconds. */
const latencyBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** Limited because clients can send any name. */
const maxEndpointLabels = 1000;

/** Read at each scrape. */
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
  private readonly invocations = this.counter('invocations_total', 'Responses to invocations', [
    'endpoint',
    'role',
    'status',
  ]);
  private readonly reasons = this.counter('assignments_total', 'Assignments by reason', [
    'endpoint',
    'role',
    'reason',
  ]);
  private readonly fallbacks = this.counter('fallbacks_total', 'Second attempts', ['endpoint', 'reason']);
  private readonly rejections = this.counter('refusals_total', 'Error responses of the switch itself', [
    'status',
  ]);
  private readonly hooks = this.counter('hook_failures_total', 'Hooks that failed', ['hook']);
  private readonly outcomes = this.counter('outcomes_total', 'Outcomes by result', ['result']);
  private readonly latency = new Histogram({
    name: `${prefix}latency_seconds`,
    help: 'Until the end of the response, including the time of SageMaker',
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

  rejected(status: number): void {
    this.rejections.inc({ status });
  }

  hookFailed(hook: HookName): void {
    this.hooks.inc({ hook });
  }

  outcomeRecorded(result: string): void {
    this.outcomes.inc({ result });
  }

  watch(gauges: Gauges): void {
    const share = new Gauge({
      name: `${prefix}candidate_share_percent`,
      help: 'Share of users who get the candidate',
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
      help: '1 if the last read of the split failed',
      labelNames: ['endpoint'],
      registers: [this.registry],
      collect: () => {
        stale.reset();
        for (const { endpoint, failure } of gauges.followed())
          stale.set({ endpoint }, failure === null ? 0 : 1);
      },
    });
    this.gauge('outcomes_waiting', 'Exposures whose outcome can still be joined', gauges.outcomesWaiting);
    this.gauge('journal_dropped', 'Records that could not be written', gauges.journalDropped);
    this.gauge('cloudwatch_failures', 'Failed calls to CloudWatch', gauges.publishFailures);
    this.gauge('cloudwatch_dropped', 'Data points dropped', gauges.publishDropped);
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
