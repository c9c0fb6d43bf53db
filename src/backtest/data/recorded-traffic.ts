/** The arms that the rules are compiled for. */
import type { ArmTraffic } from '../../activities/interface/traffic.js';
import { resourceNamesOf } from '../../plan/compiled/names.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { DeploymentShape } from '../../plan/compiled/step.js';
import { trafficOf } from '../../workflows/deployment/deployments.js';

/** As a rollout on a live endpoint has them; what served before is known by its role only. */
export function trafficIn(plan: Plan, arrangement: DeploymentShape): ArmTraffic {
  const names = resourceNamesOf(plan.rolloutId);
  const starting = {
    kind: 'live' as const,
    configName: names.singleConfig.baseline,
    variantName: names.variant.baseline,
    modelName: names.singleConfig.baseline,
    instanceType: plan.serve.instanceType ?? 'unknown',
    count: plan.serve.count ?? 1,
  };
  const models = { baseline: names.singleConfig.baseline, candidate: names.singleConfig.candidate };
  return trafficOf({ plan, starting, models, variants: names.variant }, arrangement);
}

/** Whether anything serves beside the candidate. */
export function arrangementOf({ models }: Plan): DeploymentShape {
  return { kind: models.baseline.kind === 'none' ? 'candidateOnly' : 'sideBySide' };
}
