/** Deploying an endpoint, as a decision: what was seen and what is wished give the next move. No I/O, no clock. */
import type { DesiredDeployment } from '../interface/deployment.js';
import type { EndpointObservation } from '../interface/endpoint.js';
import type { FailureType } from '../interface/failure-type.js';
import { isSettled } from './weights.js';

export type DeployAction =
  | { kind: 'done' }
  | { kind: 'create' }
  /** `keepsWeights: false`: the variants begin with the new config's weights, not with those they have. */
  | { kind: 'update'; keepsWeights: boolean }
  | { kind: 'wait'; because: string }
  | { kind: 'fail'; type: FailureType; message: string };

/** `attempted`: this activity has asked for the update and knows that the request was accepted. */
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
      // Two configs serve. SageMaker takes another update, and a way back must not wait for a person to ask for it.
      if (!attempted) return { kind: 'update', keepsWeights: keepsWeights(seen, deployment) };
      return fail('EndpointFailed', `endpoint is ${seen.status}: ${reasonOf(seen)}`);
    case 'Failed':
    case 'OutOfService':
      return fail('EndpointFailed', `endpoint is ${seen.status}: ${reasonOf(seen)}`);
    default:
      // Creating, Updating, SystemUpdating, RollingBack, Deleting; and whatever SageMaker may add.
      return { kind: 'wait', because: seen.status };
  }
}

/** Only an endpoint that began with this rollout may be made; one that was live before has been deleted under us. */
function actionIfAbsent({ createsEndpoint }: DesiredDeployment): DeployAction {
  if (createsEndpoint) return { kind: 'create' };
  return fail('EndpointNotFound', 'endpoint no longer exists');
}

/** InService alone proves nothing: after a failed update SageMaker is InService on the old config, often silently. */
function actionIfInService(
  seen: EndpointObservation,
  deployment: DesiredDeployment,
  attempted: boolean,
): DeployAction {
  if (seen.configName !== deployment.configName) {
    if (!attempted) return { kind: 'update', keepsWeights: keepsWeights(seen, deployment) };
    const message = `update to ${deployment.configName} was reverted to ${seen.configName}: ${reasonOf(seen)}`;
    return fail('UpdateReverted', message);
  }
  const unsettled = seen.variants.find((variant) => !isSettled(variant));
  if (unsettled !== undefined) return { kind: 'wait', because: `variant ${unsettled.name} is still changing` };
  const missing = [
    ...deployment.variants.map((wish) => ({ name: wish.name, shadow: false })),
    ...(deployment.shadow === null ? [] : [{ name: deployment.shadow.name, shadow: true }]),
  ].find(({ name, shadow }) => !seen.variants.some((v) => v.name === name && (v.shadow ?? false) === shadow));
  if (missing !== undefined) return { kind: 'wait', because: `variant ${missing.name} does not exist yet` };
  if (!seen.variants.some((variant) => variant.currentWeight > 0 && !variant.shadow))
    return actionIfNoWeight(attempted);
  return { kind: 'done' };
}

/** On the right config, and nobody answers. */
function actionIfNoWeight(attempted: boolean): DeployAction {
  return attempted
    ? fail('EndpointFailed', 'no variant has any weight')
    : { kind: 'update', keepsWeights: false };
}

/** A variant that stays alone may have had no weight, and would keep that: then nobody would answer. */
function keepsWeights(seen: EndpointObservation, deployment: DesiredDeployment): boolean {
  return deployment.variants.length > 1 && !involvesShadow(seen, deployment);
}

/**
 * A shadow's weight is the part of the requests that it gets copies of. As a production variant of that weight it would
 * answer users, and beside a production variant that kept another weight it would mean another part.
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
