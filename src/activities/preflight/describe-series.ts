import type { MetricSeries } from '../../plan/compiled/guardrail.js';

/** e.g. `Shop Conversions (Variant=main)`. */
export function describeSeries({ namespace, name, dimensions }: MetricSeries): string {
  const pairs = Object.entries(dimensions).map(([key, value]) => `${key}=${value}`);
  return `${namespace} ${name}${pairs.length === 0 ? '' : ` (${pairs.join(', ')})`}`;
}
