/** The arms of a backtest, for which the rules are compiled. */
import type { ArmTraffic } from '../../activities/interface/traffic.js';
import { resourceNamesOf } from '../../plan/compiled/names.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { DeploymentShape } from '../../plan/compiled/step.js';
import { trafficOf } from '../../workflows/deployment/deployments.js';

/** Same arms as in a rollout on a live endpoint. The baseline's real name is unknown, so it gets a generated name. */
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

/** `candidateOnly` if the plan has no baseline. */
export function arrangementOf({ models }: Plan): DeploymentShape {
  return { kind: models.baseline.kind === 'none' ? 'candidateOnly' : 'sideBySide' };
}
