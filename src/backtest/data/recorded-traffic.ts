/** The arms that the rules are compiled for. */
import type { Traffic } from '../../activities/interface/traffic.js';
import { namesOf } from '../../plan/compiled/names.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { Arrangement } from '../../plan/compiled/step.js';
import { trafficOf } from '../../workflows/deployment/deployments.js';

/** As a rollout on a live endpoint has them; what served before is known by its role only. */
export function trafficIn(plan: Plan, arrangement: Arrangement): Traffic {
  const names = namesOf(plan.rolloutId);
  const starting = {
    kind: 'live' as const,
    configName: names.onlyConfig.baseline,
    variantName: names.variant.baseline,
    modelName: names.onlyConfig.baseline,
    instanceType: plan.serve.instanceType ?? 'unknown',
    count: plan.serve.count ?? 1,
  };
  const models = { baseline: names.onlyConfig.baseline, candidate: names.onlyConfig.candidate };
  return trafficOf({ plan, starting, models, variants: names.variant }, arrangement);
}

/** Whether anything serves beside the candidate. */
export function arrangementOf({ models }: Plan): Arrangement {
  return { kind: models.baseline.kind === 'none' ? 'alone' : 'beside' };
}
