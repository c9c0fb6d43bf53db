/** What is to be up when, and where. Pure: what serves now and the plan in, deployments and arms out. */
import type { Deployment, VariantWish } from '../../activities/interface/deployment.js';
import type { Arm, Traffic } from '../../activities/interface/traffic.js';
import { type Names, namesOf } from '../../plan/compiled/names.js';
import type { Role } from '../../plan/compiled/role.js';
import type { Arrangement } from '../../plan/compiled/step.js';
import { countsAt } from './capacity.js';
import type { Fleet } from './fleet.js';

/** A deployment, and the endpoint that it is for. */
export interface Placed {
  endpoint: string;
  deployment: Deployment;
}

/** What an arrangement needs, in the order in which it is made. */
export function placementsOf(fleet: Fleet, arrangement: Arrangement): Placed[] {
  const { endpoint, rolloutId, topology } = fleet.plan;
  const names = namesOf(rolloutId);
  const candidate = wishOf(fleet, 'candidate', 0);
  switch (arrangement.kind) {
    case 'alone':
      return [
        { endpoint, deployment: owned(fleet, names.onlyConfig.candidate, [wishOf(fleet, 'candidate', 100)]) },
      ];
    case 'shadow': {
      const shadow = wishOf(fleet, 'candidate', arrangement.mirrorPercent);
      const deployment = owned(fleet, names.shadowConfig, [wishOf(fleet, 'baseline', 100)]);
      return [{ endpoint, deployment: { ...deployment, shadow } }];
    }
    case 'beside':
      if (topology === 'endpoints') return twoEndpoints(fleet, names);
      return [
        { endpoint, deployment: owned(fleet, names.bothConfig, [wishOf(fleet, 'baseline', 100), candidate]) },
      ];
  }
}

/** The baseline's endpoint is made only where nothing is live; the candidate's always is. */
function twoEndpoints(fleet: Fleet, names: Names): Placed[] {
  const own = owned(fleet, names.candidateConfig, [{ ...wishOf(fleet, 'candidate', 0), weight: 100 }]);
  const candidate = { endpoint: names.candidateEndpoint, deployment: { ...own, createsEndpoint: true } };
  if (fleet.starting.kind === 'live') return [candidate];
  return [{ endpoint: fleet.plan.endpoint, deployment: baselineDeployment(fleet) }, candidate];
}

/** Where both arms are while an arrangement stands. */
export function trafficOf(fleet: Fleet, arrangement: Arrangement): Traffic {
  const { endpoint, rolloutId, topology } = fleet.plan;
  const names = namesOf(rolloutId);
  const arm = (role: Role, configName: string, at = endpoint): Arm => ({
    endpoint: at,
    variant: fleet.variants[role],
    configName,
    shadow: role === 'candidate' && arrangement.kind === 'shadow',
  });
  if (arrangement.kind === 'alone') {
    return { topology, arms: { baseline: null, candidate: arm('candidate', names.onlyConfig.candidate) } };
  }
  if (topology === 'endpoints') {
    const baseline = arm('baseline', baselineDeployment(fleet).configName);
    return {
      topology,
      arms: { baseline, candidate: arm('candidate', names.candidateConfig, names.candidateEndpoint) },
    };
  }
  const config = arrangement.kind === 'shadow' ? names.shadowConfig : names.bothConfig;
  return { topology, arms: { baseline: arm('baseline', config), candidate: arm('candidate', config) } };
}

/** The candidate alone, on at least as many instances as it has while it serves everything. */
export function winnerDeployment(fleet: Fleet, count: number): Deployment {
  const name = namesOf(fleet.plan.rolloutId).onlyConfig.candidate;
  return owned(fleet, name, [{ ...wishOf(fleet, 'candidate', 100), count }]);
}

/** The baseline alone: the very config that served before, or one of our own where the endpoint is new. */
export function baselineDeployment(fleet: Fleet): Deployment {
  const { starting } = fleet;
  const only = [wishOf(fleet, 'baseline', 100)];
  if (starting.kind === 'absent') {
    return owned(fleet, namesOf(fleet.plan.rolloutId).onlyConfig.baseline, only);
  }
  return { ...owned(fleet, starting.configName, only), owned: false };
}

function owned({ plan, starting }: Fleet, configName: string, variants: VariantWish[]): Deployment {
  return {
    configName,
    owned: true,
    basedOn: starting.kind === 'live' ? starting.configName : null,
    createsEndpoint: starting.kind === 'absent',
    variants,
    shadow: null,
    metricPeriodSeconds: plan.serve.metricPeriodSeconds,
  };
}

/** A live baseline keeps its instances; whatever else comes up has what its share needs. */
function wishOf(fleet: Fleet, role: Role, weight: number): VariantWish {
  const { plan, starting, models, variants } = fleet;
  const live = starting.kind === 'live' ? starting : null;
  const instanceType = plan.serve.instanceType ?? live?.instanceType;
  const modelName = models[role];
  if (!instanceType || !modelName) throw new Error('a fleet without instances or models passed preflight');
  const share = role === 'candidate' ? weight : 100 - weight;
  const count = countsAt(fleet, share)[role];
  const serving = role === 'baseline' && live ? { instanceType: live.instanceType, count: live.count } : null;
  return { name: variants[role], modelName, instanceType, count, weight, ...serving };
}
