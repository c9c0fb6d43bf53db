/** Deploying an endpoint, as a decision: what was seen and what is wished give the next move. No I/O, no clock. */
import type { Deployment, EndpointObservation, FailureType } from './interface.js';
import { isSettled } from './weights.js';

export type Move =
  | { kind: 'done' }
  | { kind: 'create' }
  | { kind: 'update' }
  | { kind: 'wait'; because: string }
  | { kind: 'fail'; type: FailureType; message: string };

/** `attempted`: this activity has asked for the update and knows that the request was accepted. */
export function nextMove(seen: EndpointObservation | null, deployment: Deployment, attempted: boolean): Move {
  if (seen === null) return whenAbsent(deployment);
  switch (seen.status) {
    case 'InService':
      return whenInService(seen, deployment, attempted);
    case 'Failed':
    case 'OutOfService':
    case 'UpdateRollbackFailed':
      return fail('EndpointFailed', `endpoint is ${seen.status}: ${reasonOf(seen)}`);
    default:
      // Creating, Updating, SystemUpdating, RollingBack, Deleting; and whatever SageMaker may add.
      return { kind: 'wait', because: seen.status };
  }
}

/** Only an endpoint that began with this rollout may be made; one that was live before has been deleted under us. */
function whenAbsent({ owned, basedOn }: Deployment): Move {
  if (owned && basedOn === null) return { kind: 'create' };
  return fail('EndpointGone', 'endpoint no longer exists');
}

/** InService alone proves nothing: after a failed update SageMaker is InService on the old config, often silently. */
function whenInService(seen: EndpointObservation, deployment: Deployment, attempted: boolean): Move {
  if (seen.configName !== deployment.configName) {
    if (!attempted) return { kind: 'update' };
    const message = `update to ${deployment.configName} was reverted to ${seen.configName}: ${reasonOf(seen)}`;
    return fail('UpdateReverted', message);
  }
  const unsettled = seen.variants.find((variant) => !isSettled(variant));
  if (unsettled !== undefined) return { kind: 'wait', because: `variant ${unsettled.name} is not settled` };
  const missing = deployment.variants.find(({ name }) => !seen.variants.some((v) => v.name === name));
  if (missing !== undefined) return { kind: 'wait', because: `variant ${missing.name} is not there` };
  return { kind: 'done' };
}

function reasonOf({ failureReason }: EndpointObservation): string {
  return failureReason === null || failureReason === '' ? 'without a reason given' : failureReason;
}

function fail(type: FailureType, message: string): Move {
  return { kind: 'fail', type, message };
}
