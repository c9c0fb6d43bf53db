/** Decides the next action of a deployment from the observed and the desired state. No I/O, no clock. */
import type { DesiredDeployment } from '../interface/deployment.js';
import type { EndpointObservation } from '../interface/endpoint.js';
import type { FailureType } from '../interface/failure-type.js';
import { nameOf } from './config-request.js';
import { isSameWeight, isSettled } from './weights.js';

export type DeployAction =
  | { kind: 'done' }
  | { kind: 'create' }
  /** `keepsWeights: false`: the variants get the new config's weights instead of keeping theirs. */
  | { kind: 'update'; keepsWeights: boolean }
  | { kind: 'wait'; because: string }
  /** Someone else has updated the endpoint: names of configs. */
  | { kind: 'drift'; found: string; expected: string }
  | { kind: 'fail'; type: FailureType; message: string };

/** `attempted`: this activity has requested the update, and SageMaker has accepted the request. */
export function nextAction(
  seen: EndpointObservation | null,
  deployment: DesiredDeployment,
  attempted: boolean,
): DeployAction {
  if (seen === null) return actionIfAbsent(deployment);
  switch (seen.status) {
    case 'InService':
      return actionIfInService(seen, deployment, attempted);
    case 'UpdateRollbackFailed':
      // Two configs serve. SageMaker accepts another update, and a rollback must not wait for an operator to
      // request it.
      if (!attempted) return { kind: 'update', keepsWeights: keepsWeights(seen, deployment) };
      return fail('EndpointFailed', `endpoint is ${seen.status}: ${reasonOf(seen)}`);
    case 'Failed':
    case 'OutOfService':
      return fail('EndpointFailed', `endpoint is ${seen.status}: ${reasonOf(seen)}`);
    default:
      // Creating, Updating, SystemUpdating, RollingBack, Deleting, and any status that SageMaker may add.
      return { kind: 'wait', because: seen.status };
  }
}

/**
 * Only an endpoint that this rollout creates may be created. An endpoint that was live before has been deleted.
 */
function actionIfAbsent({ createsEndpoint }: DesiredDeployment): DeployAction {
  if (createsEndpoint) return { kind: 'create' };
  return fail('EndpointNotFound', 'endpoint no longer exists');
}

/**
 * InService alone proves nothing: after a failed update the endpoint is InService on the old config, often
 * without a reason.
 */
function actionIfInService(
  seen: EndpointObservation,
  deployment: DesiredDeployment,
  attempted: boolean,
): DeployAction {
  if (seen.configName !== deployment.configName) {
    if (!attempted) return replaceConfig(seen, deployment);
    const message = `update to ${deployment.configName} was reverted to ${seen.configName}: ${reasonOf(seen)}`;
    return fail('UpdateReverted', message);
  }
  const unsettled = seen.variants.find((variant) => !isSettled(variant));
  if (unsettled !== undefined)
    return { kind: 'wait', because: `variant ${unsettled.name} is still changing` };
  const missing = [
    ...deployment.variants.map((variant) => ({ name: nameOf(variant), shadow: false })),
    ...(deployment.shadow === null ? [] : [{ name: deployment.shadow.name, shadow: true }]),
  ].find(({ name, shadow }) => !seen.variants.some((v) => v.name === name && (v.shadow ?? false) === shadow));
  if (missing !== undefined) return { kind: 'wait', because: `variant ${missing.name} does not exist yet` };
  if (!deployment.variants.some((variant) => weightOf(seen, nameOf(variant)) > 0))
    return actionIfNoWeight(attempted);
  return { kind: 'done' };
}

/** The config of someone else's update is not overwritten on the way forward. */
function replaceConfig(seen: EndpointObservation, deployment: DesiredDeployment): DeployAction {
  const { replaces } = deployment;
  if (replaces !== null && seen.configName !== replaces)
    return { kind: 'drift', found: seen.configName, expected: replaces };
  return { kind: 'update', keepsWeights: keepsWeights(seen, deployment) };
}

/** The endpoint is on the desired config, and no variant serves. */
function actionIfNoWeight(attempted: boolean): DeployAction {
  return attempted
    ? fail('EndpointFailed', 'no variant has any weight')
    : { kind: 'update', keepsWeights: false };
}

/**
 * A single remaining variant may have had weight 0. If it kept that weight, no variant would serve. Beside others it needs the whole
 * weight of the pair. If it has that, they keep the weights that their owner has set since the config was made.
 */
function keepsWeights(seen: EndpointObservation, deployment: DesiredDeployment): boolean {
  const { variants, others } = deployment;
  if (involvesShadow(seen, deployment)) return false;
  if (variants.length > 1) return true;
  if (others === undefined) return false;
  return variants.every((variant) => {
    const name = nameOf(variant);
    const isNew = !seen.variants.some((each) => each.name === name);
    return isNew || isSameWeight(weightOf(seen, name), (variant.weight * others.pairWeight) / 100);
  });
}

/** 0 for a shadow and for a variant that does not exist. */
function weightOf(seen: EndpointObservation, name: string): number {
  return seen.variants.find((variant) => variant.name === name && !variant.shadow)?.currentWeight ?? 0;
}

/**
 * A shadow's weight is its share of copied requests. If the variant became a production variant with that
 * weight, it would serve users. Next to a production variant that keeps another weight, the same shadow weight
 * would be another share.
 */
function involvesShadow(seen: EndpointObservation, { shadow }: DesiredDeployment): boolean {
  return shadow !== null || seen.variants.some((variant) => variant.shadow);
}

function reasonOf({ failureReason }: EndpointObservation): string {
  return failureReason === null || failureReason === '' ? 'no reason given' : failureReason;
}

function fail(type: FailureType, message: string): DeployAction {
  return { kind: 'fail', type, message };
}
