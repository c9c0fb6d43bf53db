/** Metrics that an application publishes about its requests, next to the metrics of SageMaker. */
import { Distribution } from '../cloudwatch/metrics/distribution.js';
import type { Random } from '../account/random.js';
import { ratioDistribution } from './invocation-metrics.js';
import type { InvocationTally } from './tally.js';

/** `{endpoint}` and `{variant}` in dimension values are replaced. */
export interface RequestMetric {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
  values: RequestValues;
}

/**
 * Data points of a period:
 * - `each`: every request has this value.
 * - `share`: 1 for this share of the requests, 0 for the others. `onlySuccessful`: of the requests that succeeded.
 * - `failures`: 1 for each failed request, 0 for the others.
 * - `amount`, `squaredAmount`: of the amounts of all requests, which have this mean and standard deviation. With a mean
 *   above 0, some requests have none and the others the same. CloudWatch has no trimmed statistics for other means.
 * - `perSecond`: one data point with this value for each second of the period.
 */
export type RequestValues =
  | { kind: 'each'; value: number }
  | { kind: 'share'; share: number; onlySuccessful: boolean }
  | { kind: 'failures' }
  | { kind: 'amount' | 'squaredAmount'; mean: number; std: number }
  | { kind: 'perSecond'; value: number };

/** The values of one period. `seconds`: its length. */
export function requestValuesOf(
  random: Random,
  values: RequestValues,
  tally: InvocationTally,
  seconds: number,
): Distribution {
  const { visitors } = tally;
  const failed = Math.min(tally.modelErrors, visitors);
  switch (values.kind) {
    case 'each':
      return constant(values.value, visitors);
    case 'share': {
      const trials = values.onlySuccessful ? visitors - failed : visitors;
      return ratioDistribution(random.binomial(trials, values.share), visitors);
    }
    case 'failures':
      return ratioDistribution(failed, visitors);
    case 'amount': {
      if (values.mean > 0) return amounts(random, values, visitors, 1);
      const mean = values.mean + (values.std / Math.sqrt(visitors)) * random.normal();
      return constant(mean, visitors);
    }
    case 'squaredAmount':
      if (values.mean > 0) return amounts(random, values, visitors, 2);
      return constant(values.mean ** 2 + values.std ** 2, visitors);
    case 'perSecond':
      return constant(values.value * seconds, 1);
  }
}

/** `power`: of each amount. */
function amounts(
  random: Random,
  { mean, std }: { mean: number; std: number },
  visitors: number,
  power: 1 | 2,
): Distribution {
  const share = 1 / (1 + (std / mean) ** 2);
  const having = random.binomial(visitors, share);
  const values = constant(0, visitors - having);
  values.add((mean / share) ** power, having);
  return values;
}

function constant(value: number, times: number): Distribution {
  const values = new Distribution();
  values.add(value, times);
  return values;
}

export function dimensionsFor(
  { dimensions }: RequestMetric,
  names: { endpoint: string; variant: string },
): Record<string, string> {
  const fill = (text: string) =>
    text.replaceAll('{endpoint}', names.endpoint).replaceAll('{variant}', names.variant);
  return Object.fromEntries(Object.entries(dimensions).map(([name, value]) => [name, fill(value)]));
}
