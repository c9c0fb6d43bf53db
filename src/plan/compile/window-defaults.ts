/** Default window, data delay and minimum requests of a guardrail. Pure. */
import { minSamplesOf, parsePercentile } from '../units/percentiles.js';
import type { MetricGuardrailSpec } from '../spec/guardrails/guardrails.js';
import { seriesOfSource } from '../spec/guardrails/metric-source.js';

/** Durations that the defaults depend on. Seconds. */
export interface Cadence {
  metricPeriodSeconds: number;
  minBakeSeconds: number;
}

const enoughForRate = 100;

export function minimumRequestsOf(rule: Exclude<MetricGuardrailSpec, { kind: 'comparison' }>): number {
  if (rule.minimumRequests !== null) return rule.minimumRequests;
  if (rule.kind === 'rate') return enoughForRate;
  if (rule.kind === 'latency') return minSamplesFor([rule.stat], false);
  const { source } = rule;
  const stats = seriesOfSource(source).map(({ stat }) => stat);
  return minSamplesFor(
    stats,
    source.kind === 'expression' ? source.expression.includes('/') : !!source.denominator,
  );
}

function minSamplesFor(stats: string[], isQuotient: boolean): number {
  const percentiles = stats.map(parsePercentile).filter((percentile) => percentile !== null);
  if (percentiles.length > 0) return Math.max(...percentiles.map(minSamplesOf));
  return isQuotient ? enoughForRate : 1;
}

/** About a minute, at most the shortest bake. 0 if the shortest bake is shorter than one period. */
export function windowSecondsOf(rule: MetricGuardrailSpec, cadence: Cadence): number {
  if (rule.windowSeconds !== null) return rule.windowSeconds;
  const { metricPeriodSeconds: period } = cadence;
  const aboutAMinute = Math.ceil(60 / period) * period;
  return Math.min(aboutAMinute, maxWindowSeconds(cadence));
}

/** CloudWatch adds late data to a period. Two periods later the data is final. */
export function dataDelaySecondsOf(rule: MetricGuardrailSpec, cadence: Cadence): number {
  return rule.dataDelaySeconds ?? 2 * cadence.metricPeriodSeconds;
}

/** The longest window of whole periods within the shortest bake. 0 if that bake is shorter than one period. */
export function maxWindowSeconds({ metricPeriodSeconds, minBakeSeconds }: Cadence): number {
  return Math.floor(minBakeSeconds / metricPeriodSeconds) * metricPeriodSeconds;
}
