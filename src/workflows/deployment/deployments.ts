/** Endpoint configs and variants that a step needs. Pure: plan and initial endpoint in, deployments and arms out. */
import type { DesiredDeployment, DesiredVariant } from '../../activities/interface/deployment.js';
import type { TrafficArm, ArmTraffic } from '../../activities/interface/traffic.js';
import { type Names, resourceNamesOf, type Role } from '../../plan/compiled/names.js';
import type { DeploymentShape } from '../../plan/compiled/step.js';
import { scalingFor, withoutScaleIn } from './scaling.js';
import { instanceCountsAt, type DeploymentInputs } from './capacity.js';

export interface EndpointDeployment {
  endpoint: string;
  deployment: DesiredDeployment;
}

/** The deployments of an arrangement, in the order in which the rollout makes them. */
export function deploymentsFor(inputs: DeploymentInputs, arrangement: DeploymentShape): EndpointDeployment[] {
  const { endpoint, rolloutId, topology } = inputs.plan;
  const names = resourceNamesOf(rolloutId);
  const candidate = desiredVariant(inputs, 'candidate', 0);
  switch (arrangement.kind) {
    case 'candidateOnly':
      return [
        {
          endpoint,
          deployment: owned(inputs, names.singleConfig.candidate, [desiredVariant(inputs, 'candidate', 100)]),
        },
      ];
    case 'shadow': {
      const shadow = desiredVariant(inputs, 'candidate', arrangement.mirrorPercent);
      const deployment = owned(inputs, names.shadowConfig, [desiredVariant(inputs, 'baseline', 100)]);
      return [{ endpoint, deployment: { ...deployment, shadow } }];
    }
    case 'sideBySide':
      if (topology === 'endpoints') return twoEndpoints(inputs, names);
      return [
        {
          endpoint,
          deployment: owned(inputs, names.sideBySideConfig, [
            desiredVariant(inputs, 'baseline', 100),
            candidate,
          ]),
        },
      ];
  }
}

/** The rollout always creates the candidate's endpoint, and the baseline's only if no endpoint is live. */
function twoEndpoints(inputs: DeploymentInputs, names: Names): EndpointDeployment[] {
  const { starting, plan, variants } = inputs;
  const at = names.candidateEndpoint;
  const alone = [{ ...desiredVariant(inputs, 'candidate', 0), weight: 100 }];
  const own = owned(inputs, names.candidateConfig, alone, at);
  const candidate = { endpoint: at, deployment: { ...own, createsEndpoint: true } };
  const baseline = { endpoint: plan.endpoint, deployment: baselineOnly(inputs) };
  if (starting.kind === 'absent') return [baseline, candidate];
  if (starting.scaling === null) return [candidate];
  const scaling = { [variants.baseline]: withoutScaleIn(starting.scaling) };
  return [{ ...baseline, deployment: { ...baseline.deployment, scaling } }, candidate];
}

/** The config that the endpoint is on before a deployment; null if the rollout has to create the endpoint. */
export function configBefore(inputs: DeploymentInputs, arrangement: DeploymentShape | null): string | null {
  if (arrangement !== null) return trafficOf(inputs, arrangement).arms.baseline?.configName ?? null;
  return inputs.starting.kind === 'live' ? inputs.starting.configName : null;
}

/** Endpoint, variant and config of both arms in an arrangement. */
export function trafficOf(inputs: DeploymentInputs, arrangement: DeploymentShape): ArmTraffic {
  const { endpoint, rolloutId, topology } = inputs.plan;
  const names = resourceNamesOf(rolloutId);
  const others = othersOf(inputs);
  const arm = (role: Role, configName: string, at = endpoint): TrafficArm => ({
    endpoint: at,
    variant: inputs.variants[role],
    configName,
    shadow: role === 'candidate' && arrangement.kind === 'shadow',
  });
  if (arrangement.kind === 'candidateOnly') {
    const candidate = arm('candidate', names.singleConfig.candidate);
    return { topology, arms: { baseline: null, candidate }, ...others };
  }
  if (topology === 'endpoints') {
    const baseline = arm('baseline', baselineOnly(inputs).configName);
    return {
      topology,
      arms: { baseline, candidate: arm('candidate', names.candidateConfig, names.candidateEndpoint) },
      ...others,
    };
  }
  const config = arrangement.kind === 'shadow' ? names.shadowConfig : names.sideBySideConfig;
  const arms = { baseline: arm('baseline', config), candidate: arm('candidate', config) };
  return { topology, arms, ...others };
}

/** The candidate only, with `count` instances, under the name that it keeps. */
export function candidateOnly(inputs: DeploymentInputs, count: number): DesiredDeployment {
  const name = resourceNamesOf(inputs.plan.rolloutId).singleConfig.candidate;
  const named = candidateNamed(inputs, inputs.variants.promoted);
  const promoted = { ...desiredVariant(inputs, 'candidate', 100), ...named, count };
  return owned(inputs, name, [isRenamed(inputs) ? { ...promoted, ...takenOver(inputs, name) } : promoted]);
}

/** The last update gives the baseline's name to the candidate. */
export function isRenamed({ variants: { baseline, candidate, promoted }, plan }: DeploymentInputs): boolean {
  return promoted === baseline && (promoted !== candidate || plan.topology === 'endpoints');
}

/** On the config before the update, the name is the baseline's. After an update that failed, both configs can serve. */
function takenOver(inputs: DeploymentInputs, name: string): Partial<DesiredVariant> {
  const { instanceType } = desiredVariant(inputs, 'candidate', 100);
  const before = configBefore(inputs, { kind: 'sideBySide' }) ?? '';
  const { instanceType: baselineType } = desiredVariant(inputs, 'baseline', 100);
  return { otherFleetIn: { [before]: baselineType, [name]: instanceType } };
}

/** The baseline only: the config that served before, or an own config if the endpoint is new. */
export function baselineOnly(inputs: DeploymentInputs): DesiredDeployment {
  const { starting } = inputs;
  const baseline = desiredVariant(inputs, 'baseline', 100);
  const only = [isRenamed(inputs) ? { ...baseline, ...givenBack(inputs) } : baseline];
  if (starting.kind === 'absent') {
    return owned(inputs, resourceNamesOf(inputs.plan.rolloutId).singleConfig.baseline, only);
  }
  // If someone has deleted the config, it is made again with its own tags.
  const { config, endpoint } = starting.tags;
  return { ...owned(inputs, starting.configName, only), owned: false, tags: { config, endpoint } };
}

/** A rollback after the last update: the name is the candidate's there. */
function givenBack(inputs: DeploymentInputs): Partial<DesiredVariant> {
  const candidateAlone = resourceNamesOf(inputs.plan.rolloutId).singleConfig.candidate;
  return { otherFleetIn: { [candidateAlone]: desiredVariant(inputs, 'candidate', 100).instanceType } };
}

function owned(
  inputs: DeploymentInputs,
  configName: string,
  variants: DesiredVariant[],
  at = inputs.plan.endpoint,
): DesiredDeployment {
  const { plan, starting } = inputs;
  const live = starting.kind === 'live' ? starting : null;
  return {
    configName,
    owned: true,
    base: live?.settings ?? null,
    copies: live?.variantName ?? null,
    ...othersOf(inputs),
    replaces: null,
    createsEndpoint: starting.kind === 'absent',
    variants,
    shadow: null,
    scaling: scalingOf(inputs, variants, at),
    metricPeriodSeconds: plan.serve.metricPeriodSeconds,
    ...(plan.serve.variant && { variantSettings: plan.serve.variant }),
    tags: {
      config: { ...live?.tags.config, ...plan.tags },
      endpoint: { ...live?.tags.endpoint, ...plan.tags },
    },
  };
}

function othersOf({ starting }: DeploymentInputs): Pick<DesiredDeployment, 'others'> {
  return starting.kind === 'live' && starting.others !== undefined ? { others: starting.others } : {};
}

/** Each variant scales as the baseline did. While both serve, the baseline does not scale in. */
function scalingOf(
  { plan, starting, variants: names }: DeploymentInputs,
  variants: DesiredVariant[],
  at: string,
): DesiredDeployment['scaling'] {
  if (starting.kind === 'absent' || starting.scaling === null) return null;
  const { scaling, variantName } = starting;
  const from = { endpoint: plan.endpoint, variant: variantName };
  const scalings = variants.map((variant) => {
    const name = variant.renamedTo ?? variant.name;
    if (name === names.candidate) return [name, scalingFor(scaling, from, { endpoint: at, variant: name })];
    return [name, variants.length > 1 ? withoutScaleIn(scaling) : scaling];
  });
  return Object.fromEntries(scalings) as DesiredDeployment['scaling'];
}

/** A candidate is never the variant of its name that served before. */
function candidateNamed({ plan, variants }: DeploymentInputs, name: string) {
  if (name !== variants.baseline) return { name };
  return { name: resourceNamesOf(plan.rolloutId).variant.candidate, renamedTo: name };
}

/** A live baseline keeps its instances. Every other variant gets the instances that its share needs. */
function desiredVariant(inputs: DeploymentInputs, role: Role, weight: number): DesiredVariant {
  const { plan, starting, models, variants } = inputs;
  const live = starting.kind === 'live' ? starting : null;
  const instanceType = plan.serve.instanceType ?? live?.instanceType;
  const modelName = models[role];
  if (!instanceType || !modelName) throw new Error('preflight passed without an instance type or a model');
  const share = role === 'candidate' ? weight : 100 - weight;
  const count = instanceCountsAt(inputs, share)[role];
  const serving = role === 'baseline' && live ? { instanceType: live.instanceType, count: live.count } : null;
  const named =
    role === 'candidate' ? candidateNamed(inputs, variants.candidate) : { name: variants.baseline };
  return { ...named, modelName, instanceType, count, weight, ...serving };
}
