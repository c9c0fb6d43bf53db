import type { MetricSeries } from '../../../plan/compiled/guardrail.js';
import { resourceNamesOf } from '../../../plan/compiled/names.js';
import type { Plan } from '../../../plan/compiled/plan.js';
import type { InitialEndpoint } from '../../interface/endpoint.js';
import { fillSeries } from '../../metrics/placeholders.js';

/** The baseline's series. The candidate has no data before the rollout. */
export function asBaseline(
  series: MetricSeries,
  { rolloutId, endpoint }: Pick<Plan, 'rolloutId' | 'endpoint'>,
  starting: InitialEndpoint,
): MetricSeries {
  const names = resourceNamesOf(rolloutId);
  const variant = starting.kind === 'live' ? starting.variantName : names.variant.baseline;
  const { dimensions, ...rest } = fillSeries(series, { endpoint, variant, role: 'baseline', rolloutId });
  const entries = Object.entries(dimensions).map(([key, value]) => {
    if (value === 'candidate') return [key, 'baseline'];
    return [
      key,
      value.replaceAll(names.variant.candidate, variant).replaceAll(names.candidateEndpoint, endpoint),
    ];
  });
  return { ...rest, dimensions: Object.fromEntries(entries) as MetricSeries['dimensions'] };
}
