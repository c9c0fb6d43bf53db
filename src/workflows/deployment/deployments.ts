/** What is to be up when, and where. Pure: what serves now and the plan in, deployments and arms out. */
import type { DesiredDeployment, DesiredVariant } from '../../activities/interface/deployment.js';
import type { TrafficArm, ArmTraffic } from '../../activities/interface/traffic.js';
import { type Names, resourceNamesOf, type Role } from '../../plan/compiled/names.js';
import type { DeploymentShape } from '../../plan/compiled/step.js';
import { instanceCountsAt, type DeploymentInputs } from './capacity.js';

/** A deployment, and the endpoint that it is for. */
export interface EndpointDeployment {
  endpoint: string;
  deployment: DesiredDeployment;
}

/** What an arrangement needs, in the order in which it is made. */
export function deploymentsFor(fleet: DeploymentInputs, arrangement: DeploymentShape): EndpointDeployment[] {
  const { endpoint, rolloutId, topology } = fleet.plan;
  const names = resourceNamesOf(rolloutId);
  const candidate = desiredVariant(fleet, 'candidate', 0);
  switch (arrangement.kind) {
    case 'candidateOnly':
      return [
        {
          endpoint,
          deployment: owned(fleet, names.singleConfig.candidate, [desiredVariant(fleet, 'candidate', 100)]),
        },
      ];
    case 'shadow': {
      const shadow = desiredVariant(fleet, 'candidate', arrangement.mirrorPercent);
      const deployment = owned(fleet, names.shadowConfig, [desiredVariant(fleet, 'baseline', 100)]);
      return [{ endpoint, deployment: { ...deployment, shadow } }];
    }
    case 'sideBySide':
      if (topology === 'endpoints') return twoEndpoints(fleet, names);
      return [
        {
          endpoint,
          deployment: owned(fleet, names.sideBySideConfig, [
            desiredVariant(fleet, 'baseline', 100),
            candidate,
          ]),
        },
      ];
  }
}

/** The baseline's endpoint is made only where nothing is live; the candidate's always is. */
function twoEndpoints(fleet: DeploymentInputs, names: Names): EndpointDeployment[] {
  const own = owned(fleet, names.candidateConfig, [
    { ...desiredVariant(fleet, 'candidate', 0), weight: 100 },
  ]);
  const candidate = { endpoint: names.candidateEndpoint, deployment: { ...own, createsEndpoint: true } };
  if (fleet.starting.kind === 'live') return [candidate];
  return [{ endpoint: fleet.plan.endpoint, deployment: baselineOnly(fleet) }, candidate];
}

/** Where both arms are while an arrangement stands. */
export function trafficOf(fleet: DeploymentInputs, arrangement: DeploymentShape): ArmTraffic {
  const { endpoint, rolloutId, topology } = fleet.plan;
  const names = resourceNamesOf(rolloutId);
  const arm = (role: Role, configName: string, at = endpoint): TrafficArm => ({
    endpoint: at,
    variant: fleet.variants[role],
    configName,
    shadow: role === 'candidate' && arrangement.kind === 'shadow',
  });
  if (arrangement.kind === 'candidateOnly') {
    return { topology, arms: { baseline: null, candidate: arm('candidate', names.singleConfig.candidate) } };
  }
  if (topology === 'endpoints') {
    const baseline = arm('baseline', baselineOnly(fleet).configName);
    return {
      topology,
      arms: { baseline, candidate: arm('candidate', names.candidateConfig, names.candidateEndpoint) },
    };
  }
  const config = arrangement.kind === 'shadow' ? names.shadowConfig : names.sideBySideConfig;
  return { topology, arms: { baseline: arm('baseline', config), candidate: arm('candidate', config) } };
}

/** The candidate alone, on at least as many instances as it has while it serves everything. */
export function candidateOnly(fleet: DeploymentInputs, count: number): DesiredDeployment {
  const name = resourceNamesOf(fleet.plan.rolloutId).singleConfig.candidate;
  return owned(fleet, name, [{ ...desiredVariant(fleet, 'candidate', 100), count }]);
}

/** The baseline alone: the very config that served before, or one of our own where the endpoint is new. */
export function baselineOnly(fleet: DeploymentInputs): DesiredDeployment {
  const { starting } = fleet;
  const only = [desiredVariant(fleet, 'baseline', 100)];
  if (starting.kind === 'absent') {
    return owned(fleet, resourceNamesOf(fleet.plan.rolloutId).singleConfig.baseline, only);
  }
  return { ...owned(fleet, starting.configName, only), owned: false };
}

function owned(
  { plan, starting }: DeploymentInputs,
  configName: string,
  variants: DesiredVariant[],
): DesiredDeployment {
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
function desiredVariant(fleet: DeploymentInputs, role: Role, weight: number): DesiredVariant {
  const { plan, starting, models, variants } = fleet;
  const live = starting.kind === 'live' ? starting : null;
  const instanceType = plan.serve.instanceType ?? live?.instanceType;
  const modelName = models[role];
  if (!instanceType || !modelName) throw new Error('a fleet without instances or models passed preflight');
  const share = role === 'candidate' ? weight : 100 - weight;
  const count = instanceCountsAt(fleet, share)[role];
  const serving = role === 'baseline' && live ? { instanceType: live.instanceType, count: live.count } : null;
  return { name: variants[role], modelName, instanceType, count, weight, ...serving };
}
