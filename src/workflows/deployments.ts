/** The endpoint configs that a rollout moves between. Pure: what serves now and the plan in, a deployment out. */
import type { Deployment, Starting, VariantWish } from '../activities/interface.js';
import { namesOf, type Plan, type Role } from '../plan/plan.js';

export interface Fleet {
  plan: Plan;
  starting: Starting;
  models: Record<Role, string>;
  variants: Record<Role, string>;
}

/** Both variants, all traffic on the baseline. */
export function bothDeployment(fleet: Fleet): Deployment {
  return deployment(fleet, namesOf(fleet.plan.rolloutId).bothConfig, [
    wish(fleet, 'baseline', 100),
    wish(fleet, 'candidate', 0),
  ]);
}

/** The candidate alone, on at least as many instances as it has while it serves everything. */
export function winnerDeployment(fleet: Fleet, count: number): Deployment {
  const name = namesOf(fleet.plan.rolloutId).onlyConfig.candidate;
  return deployment(fleet, name, [{ ...wish(fleet, 'candidate', 100), count }]);
}

/** The baseline alone: the very config that served before, or one of our own where the endpoint is new. */
export function baselineDeployment(fleet: Fleet): Deployment {
  const { starting } = fleet;
  const only = [wish(fleet, 'baseline', 100)];
  if (starting.kind === 'absent') {
    return deployment(fleet, namesOf(fleet.plan.rolloutId).onlyConfig.baseline, only);
  }
  return { ...deployment(fleet, starting.configName, only), owned: false };
}

function deployment({ plan, starting }: Fleet, configName: string, variants: VariantWish[]): Deployment {
  return {
    configName,
    owned: true,
    basedOn: starting.kind === 'live' ? starting.configName : null,
    variants,
    metricPeriodSeconds: plan.serve.metricPeriodSeconds,
  };
}

function wish({ plan, starting, models, variants }: Fleet, role: Role, weight: number): VariantWish {
  const live = starting.kind === 'live' ? starting : null;
  const instanceType = plan.serve.instanceType ?? live?.instanceType;
  const count = plan.serve.count ?? live?.count;
  if (!instanceType || !count) throw new Error('a new endpoint without serve passed preflight');
  const serving = role === 'baseline' && live ? { instanceType: live.instanceType, count: live.count } : null;
  return { name: variants[role], modelName: models[role], instanceType, count, weight, ...serving };
}
