/** `{endpoint}`, `{variant}`, `{role}` and `{rolloutId}` in the dimension values of a series. No I/O, no clock. */
import type { MetricSeries } from '../../plan/compiled/guardrail.js';
import type { Role } from '../../plan/compiled/names.js';

export interface ReadArm {
  endpoint: string;
  variant: string;
  role: Role;
  rolloutId: string;
}

/** The series of one arm. Braces around anything else stay as they are. */
export function fillSeries(series: MetricSeries, arm: Partial<ReadArm>): MetricSeries {
  const values = new Map<string, string>(Object.entries(arm));
  const fill = (text: string) =>
    text.replace(/\{(\w+)\}/g, (whole, name: string) => values.get(name) ?? whole);
  const dimensions = Object.entries(series.dimensions).map(([name, value]) => [name, fill(value)]);
  return { ...series, dimensions: Object.fromEntries(dimensions) as MetricSeries['dimensions'] };
}

const placeholder = /\{(endpoint|variant|role|rolloutId)\}/;

/** Whether a dimension still stands for something else. */
export function hasPlaceholder({ dimensions }: MetricSeries): boolean {
  return Object.values(dimensions).some((value) => placeholder.test(value));
}
