import { Distribution } from '../cloudwatch/metrics/distribution.js';
import type { LatencyKind } from './batches.js';
import type { InvocationTally } from './tally.js';

/** A metric that SageMaker publishes for each variant. */
interface InvocationMetric {
  name: string;
  unit: string;
  /** No value if the metric is not published. */
  valuesOf: (tally: InvocationTally, seed: number) => Distribution;
  /** The counts of the tallies suffice. */
  isCounted: boolean;
}

export const invocationNamespace = 'AWS/SageMaker';

/** The error metrics contain a 0 for each success, so their average is the error rate. */
export const invocationMetrics: InvocationMetric[] = [
  counted('Invocations', (tally) => tally.invocations),
  counted('Invocation4XXErrors', (tally) => tally.errors4xx),
  counted('Invocation5XXErrors', (tally) => tally.errors5xx),
  counted('InvocationModelErrors', (tally) => tally.modelErrors),
  { name: 'InvocationsPerInstance', unit: 'None', isCounted: true, valuesOf: perInstanceDistribution },
  latency('ModelLatency', 'model'),
  latency('OverheadLatency', 'overhead'),
];

function latency(name: string, kind: LatencyKind): InvocationMetric {
  return {
    ...{ name, unit: 'Microseconds', isCounted: false },
    valuesOf: (tally, seed) => tally.latencies(kind, seed),
  };
}

function counted(name: string, count: (tally: InvocationTally) => number): InvocationMetric {
  return {
    ...{ name, unit: 'None', isCounted: true },
    valuesOf: (tally) => ratioDistribution(count(tally), tally.invocations),
  };
}

/**
 * Each request has the value 1/instances, so the sum is the invocations of one instance. Source: botocore,
 * ScalingPolicyMetric.
 */
function perInstanceDistribution({ invocations, perInstance }: InvocationTally): Distribution {
  const values = new Distribution();
  if (perInstance === 0) return values;
  values.add(perInstance / invocations, invocations);
  // The product is not exact, and alarms compare the sum with whole numbers.
  values.sum = perInstance;
  return values;
}

/** The distribution with `ones` ones, and zeros for the rest. */
export function ratioDistribution(ones: number, all: number): Distribution {
  const values = new Distribution();
  values.add(0, all - ones);
  values.add(1, ones);
  return values;
}
