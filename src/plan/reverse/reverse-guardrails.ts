/** Converts the guardrails of a compiled plan back to spec JSON, the inverse of compile-guardrails.ts. Pure. */
import { rates } from '../compile/compile-guardrails.js';
import { formatDuration } from '../units/durations.js';
import { formatPercent } from '../units/percents.js';
import type { BoundGuardrail, Guardrail, MetricSeries } from '../compiled/guardrail.js';
import { resourceNamesOf } from '../compiled/names.js';
import type { Plan } from '../compiled/plan.js';
import { switchNamespace } from '../split/switch-metrics.js';
import { slowerThanMsOf } from '../compile/latency-threshold.js';

/**
 * Spec JSON. Placeholders replace the names of the plan's candidate, so the rules apply to the candidate of the new
 * rollout.
 */
export function reverseGuardrails(plan: Plan): object[] {
  return plan.guardrails.map((guardrail) => ({
    ...writeGuardrail(guardrail, plan),
    ...(guardrail.onFail !== undefined && { onFail: guardrail.onFail }),
  }));
}

function writeGuardrail(guardrail: Guardrail, plan: Plan): object {
  if (guardrail.kind === 'candidateAlarm') return { alarm: guardrail.alarmName, for: 'candidate' };
  if (guardrail.kind === 'alarm')
    return { alarm: guardrail.alarmName, ...(guardrail.asDefined === true && { for: 'asDefined' }) };
  const judging = {
    window: formatDuration(guardrail.windowSeconds),
    dataDelay: formatDuration(guardrail.dataDelaySeconds),
  };
  if (guardrail.kind === 'bound') {
    const { minimumRequests } = guardrail;
    return { ...writeBound(guardrail, plan), ...writeRule(guardrail), minimumRequests, ...judging };
  }
  const { events, marginPercent, dispersion, mustBeProven = false, negligiblePercent = null } = guardrail;
  const slowerThanMs = slowerThanMsOf(events);
  const countedBySwitch = events.namespace === switchNamespace;
  return {
    ...(slowerThanMs === null
      ? { metric: countedBySwitch ? 'errorRate' : (rateNamed(events) ?? guardrail.label) }
      : { metric: 'latency', slowerThan: `${slowerThanMs}ms` }),
    notWorseThanBaselineBy: formatPercent(marginPercent),
    ...(countedBySwitch && { countedBy: 'switch' }),
    ...(dispersion !== 1 && { dispersion }),
    ...(mustBeProven && { requireProof: true }),
    ...(negligiblePercent !== null && { negligibleRate: formatPercent(negligiblePercent) }),
    ...judging,
  };
}

function writeBound(guardrail: BoundGuardrail, plan: Plan): object {
  const { label, metric, direction } = guardrail;
  const bound = { [direction]: writeValue(guardrail) };
  if (metric.expression !== undefined) {
    const metrics = Object.entries(metric.operands).map(([id, series]) => [id, writeSeries(series, plan)]);
    const { expression } = metric;
    return {
      metric: label,
      ...bound,
      source: { expression, metrics: Object.fromEntries(metrics) as object },
    };
  }
  const { numerator, denominator, unit } = metric;
  // Only the built-in latency metric has a unit of time.
  if (unit === 'ms') return { metric: 'latency', stat: numerator.stat, ...bound };
  const rate = rateNamed(numerator);
  if (rate !== null && rates[rate].label === label) return { metric: rate, ...bound };
  const source = writeSeries(numerator, plan);
  return {
    metric: label,
    ...bound,
    source: denominator ? { ...source, per: writePer(denominator, numerator, plan) } : source,
  };
}

function writeRule({ rule, metric }: BoundGuardrail): object {
  if (rule.kind === 'rate') return rule.dispersion === 1 ? {} : { dispersion: rule.dispersion };
  const { failures, of } = rule;
  const isRate = metric.expression === undefined && rateNamed(metric.numerator) !== null;
  return isRate && metric.unit === 'percent' ? { strict: true } : { failures: `${failures} of ${of}` };
}

function writeValue({ bound, metric }: BoundGuardrail): string | number {
  switch (metric.unit) {
    case 'percent':
      return formatPercent(bound);
    case 'ms':
      return `${bound}ms`;
    case 'none':
      return bound;
  }
}

/** The built-in rate that reads this series. Null if there is none. */
function rateNamed({ namespace, name }: MetricSeries): keyof typeof rates | null {
  const names = Object.keys(rates) as (keyof typeof rates)[];
  const found = names.find((rate) => rates[rate].errors === name);
  return namespace === 'AWS/SageMaker' ? (found ?? null) : null;
}

function writePer(denominator: MetricSeries, numerator: MetricSeries, plan: Plan): object {
  const { namespace, ...series } = writeSeries(denominator, plan);
  return namespace === numerator.namespace ? series : { namespace, ...series };
}

function writeSeries({ namespace, name, stat, dimensions }: MetricSeries, plan: Plan): MetricSeries {
  const generic = Object.entries(dimensions).map(([key, value]) => [key, withPlaceholders(value, plan)]);
  return { namespace, name, stat, dimensions: Object.fromEntries(generic) as Record<string, string> };
}

/**
 * Variant names and rollout ids are unique text. Endpoint names and roles are replaced only if they are the whole
 * value.
 */
function withPlaceholders(value: string, { rolloutId, endpoint, topology }: Plan): string {
  const { variant, candidateEndpoint } = resourceNamesOf(rolloutId);
  if (value === (topology === 'endpoints' ? candidateEndpoint : endpoint)) return '{endpoint}';
  if (value === 'candidate') return '{role}';
  return value.replaceAll(rolloutId, '{rolloutId}').replaceAll(variant.candidate, '{variant}');
}
