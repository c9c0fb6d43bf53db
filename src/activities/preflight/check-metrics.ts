import type { Goal } from '../../plan/compiled/goal.js';
import type { Guardrail, MetricSeries } from '../../plan/compiled/guardrail.js';
import { resourceNamesOf } from '../../plan/compiled/names.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { InitialEndpoint } from '../interface/endpoint.js';
import type { MetricCatalogue } from '../metrics/metric-catalogue.js';
import { fillSeries, hasPlaceholder } from '../metrics/placeholders.js';
import { describeSeries } from './describe-series.js';

/** Namespaces whose metrics appear with the first traffic. */
const publishedOnUse = /^(AWS\/|\/aws\/|Penstock\/Switch$)/;

/**
 * Checks that CloudWatch knows each custom metric. An unknown one is most likely misspelled, and the rollout
 * would wait days for a decision. Metrics with the candidate's or the rollout's name cannot exist yet, so they
 * are not checked.
 */
export async function checkMetrics(
  catalogue: MetricCatalogue,
  plan: Pick<Plan, 'rolloutId' | 'endpoint' | 'guardrails' | 'goals'>,
  starting: InitialEndpoint,
): Promise<string[]> {
  const live = starting.kind === 'live' ? { variant: starting.variantName } : {};
  const series = [
    ...plan.guardrails.flatMap((guardrail) => seriesOfGuardrail(guardrail, plan.rolloutId)),
    ...plan.goals.flatMap(seriesOfGoal),
  ]
    .map((one) => fillSeries(one, { endpoint: plan.endpoint, ...live }))
    .filter((one) => !publishedOnUse.test(one.namespace) && !hasPlaceholder(one));
  const distinct = [...new Map(series.map((one) => [describeSeries(one), one]))];
  const findings = await Promise.all(
    distinct.map(async ([text, one]) =>
      (await catalogue.exists(one))
        ? []
        : [`CloudWatch has no metric ${text} with data in the last two weeks`],
    ),
  );
  return findings.flat();
}

function seriesOfGuardrail(guardrail: Guardrail, rolloutId: string): MetricSeries[] {
  if (guardrail.kind === 'comparison') return [guardrail.events, guardrail.trials];
  if (guardrail.kind !== 'bound' || guardrail.metric.expression === undefined) return [];
  return Object.values(guardrail.metric.operands).filter((series) => !belongsToCandidate(series, rolloutId));
}

/** The candidate's own metrics do not exist before the candidate does. */
function belongsToCandidate({ dimensions }: MetricSeries, rolloutId: string): boolean {
  const { candidate } = resourceNamesOf(rolloutId).variant;
  const own = ['{variant}', candidate, rolloutId];
  return Object.values(dimensions).some(
    (value) => value === 'candidate' || own.some((name) => value.includes(name)),
  );
}

function seriesOfGoal({ total, squares, trials }: Goal): MetricSeries[] {
  return [total, trials, ...(squares === null ? [] : [squares])];
}
