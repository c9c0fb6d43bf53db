/** Placeholders `{endpoint}`, `{variant}`, `{role}` and `{rolloutId}` in dimension values. No I/O, no clock. */
import type { BoundGuardrail, Metric, MetricSeries } from '../../plan/compiled/guardrail.js';
import type { Role } from '../../plan/compiled/names.js';

export interface ReadArm {
  endpoint: string;
  variant: string;
  role: Role;
  rolloutId: string;
}

/** The series of one arm. Braces around any other name stay unchanged. */
export function fillSeries(series: MetricSeries, arm: Partial<ReadArm>): MetricSeries {
  const values = new Map<string, string>(Object.entries(arm));
  const fill = (text: string) =>
    text.replace(/\{(\w+)\}/g, (placeholder, name: string) => values.get(name) ?? placeholder);
  const dimensions = Object.entries(series.dimensions).map(([name, value]) => [name, fill(value)]);
  return { ...series, dimensions: Object.fromEntries(dimensions) as MetricSeries['dimensions'] };
}

/** The guardrail of one arm. */
export function fillGuardrail(guardrail: BoundGuardrail, arm: Partial<ReadArm>): BoundGuardrail {
  return { ...guardrail, metric: fillMetric(guardrail.metric, arm) };
}

function fillMetric(metric: Metric, arm: Partial<ReadArm>): Metric {
  if (metric.expression !== undefined) {
    const operands = Object.entries(metric.operands).map(([id, series]) => [id, fillSeries(series, arm)]);
    return { ...metric, operands: Object.fromEntries(operands) as typeof metric.operands };
  }
  const { numerator, denominator } = metric;
  return {
    ...metric,
    numerator: fillSeries(numerator, arm),
    denominator: denominator && fillSeries(denominator, arm),
  };
}

const placeholder = /\{(endpoint|variant|role|rolloutId)\}/;

/** Whether a dimension still has a placeholder. */
export function hasPlaceholder({ dimensions }: MetricSeries): boolean {
  return Object.values(dimensions).some((value) => placeholder.test(value));
}
