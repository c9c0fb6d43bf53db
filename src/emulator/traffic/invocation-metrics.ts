import { Distribution } from '../cloudwatch/metrics/distribution.js';
import type { InvocationTally } from './tally.js';

/** A metric that SageMaker publishes of each variant. */
interface InvocationMetric {
  name: string;
  unit: string;
  /** Without any value where it is not published. */
  valuesOf: (tally: InvocationTally, seed: number) => Distribution;
}

export const invocationNamespace = 'AWS/SageMaker';

/** The error metrics hold a 0 for each success, so their average is the rate. */
export const invocationMetrics: InvocationMetric[] = [
  counted('Invocations', (tally) => tally.invocations),
  counted('Invocation4XXErrors', (tally) => tally.errors4xx),
  counted('Invocation5XXErrors', (tally) => tally.errors5xx),
  counted('InvocationModelErrors', (tally) => tally.modelErrors),
  { name: 'ModelLatency', unit: 'Microseconds', valuesOf: (tally, seed) => tally.latencies('model', seed) },
  {
    name: 'OverheadLatency',
    unit: 'Microseconds',
    valuesOf: (tally, seed) => tally.latencies('overhead', seed),
  },
];

function counted(name: string, count: (tally: InvocationTally) => number): InvocationMetric {
  return { name, unit: 'None', valuesOf: (tally) => ratioDistribution(count(tally), tally.invocations) };
}

/** A 1 for each of the ones, and a 0 for each of the rest. */
export function ratioDistribution(ones: number, all: number): Distribution {
  const values = new Distribution();
  values.add(0, all - ones);
  values.add(1, ones);
  return values;
}
