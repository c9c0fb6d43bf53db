/** The arms of a backtest, for which the rules are compiled. */
import type { InitialEndpoint } from '../../activities/interface/endpoint.js';
import type { ArmTraffic } from '../../activities/interface/traffic.js';
import { resourceNamesOf } from '../../plan/compiled/names.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { variantNamesOf } from '../../plan/compiled/variant-names.js';
import type { DeploymentShape } from '../../plan/compiled/step.js';
import { trafficOf } from '../../workflows/deployment/deployments.js';

/** The endpoint before the rollout. The real names are unknown, so they are generated. */
export function startingOf(plan: Plan): InitialEndpoint & { kind: 'live' } {
  const { singleConfig } = resourceNamesOf(plan.rolloutId);
  return {
    kind: 'live',
    configName: singleConfig.baseline,
    madeBy: null,
    settings: { ProductionVariants: [] },
    variantName: variantNamesOf(plan, null).baseline,
    modelName: singleConfig.baseline,
    instanceType: plan.serve.instanceType ?? 'unknown',
    count: plan.serve.count ?? 1,
    scaling: null,
    tags: { endpoint: {}, config: {}, model: {} },
    network: {},
  };
}

/** Same arms as in a rollout on a live endpoint. */
export function trafficIn(plan: Plan, arrangement: DeploymentShape): ArmTraffic {
  const names = resourceNamesOf(plan.rolloutId);
  const starting = startingOf(plan);
  const models = { baseline: names.singleConfig.baseline, candidate: names.singleConfig.candidate };
  return trafficOf(
    { plan, starting, models, variants: variantNamesOf(plan, starting.variantName), peakBaselineCount: null },
    arrangement,
  );
}

/** `candidateOnly` if the plan has no baseline. */
export function arrangementOf({ models }: Plan): DeploymentShape {
  return { kind: models.baseline.kind === 'none' ? 'candidateOnly' : 'sideBySide' };
}
