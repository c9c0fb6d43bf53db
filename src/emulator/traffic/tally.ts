import { Distribution } from '../cloudwatch/distribution.js';
import type { ConversionMetric } from './behaviours.js';

/** How one request to a container ended. `broken`: no HTTP answer at all. */
export type InvocationOutcome = 'ok' | 'clientError' | 'serverError' | 'broken';

interface Metric {
  namespace: string;
  name: string;
  unit: string;
  values: Distribution;
}

/** What one variant did in the current metric period. Latencies in microseconds, as CloudWatch has them. */
export class Tally {
  invocations = 0;
  errors4xx = 0;
  errors5xx = 0;
  modelErrors = 0;
  /** Simulated requests, and those of them that converted. */
  visitors = 0;
  conversions = 0;
  readonly modelLatency = new Distribution();
  readonly overheadLatency = new Distribution();

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

  /** The error metrics hold a 0 for each success, so their average is the rate; so do conversions. */
  toMetrics(conversion: ConversionMetric | null): Metric[] {
    const own = (name: string, ones: number) =>
      shareOf({ namespace, name, unit: 'None' }, ones, this.invocations);
    const metrics = [
      own('Invocations', this.invocations),
      own('Invocation4XXErrors', this.errors4xx),
      own('Invocation5XXErrors', this.errors5xx),
      own('InvocationModelErrors', this.modelErrors),
      { namespace, name: 'ModelLatency', unit: 'Microseconds', values: this.modelLatency },
      { namespace, name: 'OverheadLatency', unit: 'Microseconds', values: this.overheadLatency },
    ];
    if (!conversion) return metrics;
    const counted = { namespace: conversion.namespace, unit: 'Count' };
    return [
      ...metrics,
      shareOf({ ...counted, name: conversion.name }, this.conversions, this.visitors),
      shareOf({ ...counted, name: conversion.per }, this.visitors, this.visitors),
    ];
  }
}

const namespace = 'AWS/SageMaker';

function shareOf(metric: Omit<Metric, 'values'>, ones: number, all: number): Metric {
  const values = new Distribution();
  values.add(0, all - ones);
  values.add(1, ones);
  return { ...metric, values };
}
