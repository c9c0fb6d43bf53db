import type { AccountState } from '../../account/account-state.js';
import { ServiceError } from '../../http/service-error.js';
import type { Endpoint, Variant } from '../../sagemaker/endpoints/endpoint-state.js';
import { startRescaling } from '../../sagemaker/endpoints/rescaling.js';
import { requireWithinLimits } from '../../sagemaker/service-limits.js';
import { failActivity, type ScalingActivity } from './scaling-activity.js';
import { beginActivity } from './scaling-activities.js';
import type { ScalableTarget } from '../scaling-state.js';

/** The variant of a target, if SageMaker would accept a change of it now. Nothing scales while the endpoint is Updating. */
export function scalableVariant(
  account: AccountState,
  { endpoint: name, variant: variantName }: ScalableTarget,
): { endpoint: Endpoint; variant: Variant } | null {
  const endpoint = account.endpoints.get(name.toLowerCase());
  const variant = endpoint?.variants.find((each) => each.name === variantName);
  return endpoint?.status === 'InService' && variant ? { endpoint, variant } : null;
}

export function withinBounds({ minCapacity, maxCapacity }: ScalableTarget, count: number): number {
  return Math.min(maxCapacity, Math.max(minCapacity, count));
}

/** Asks SageMaker for this capacity. The activity ends with the change. */
export function changeCapacity(
  account: AccountState,
  target: ScalableTarget,
  { endpoint, variant }: { endpoint: Endpoint; variant: Variant },
  count: number,
  cause: string,
): ScalingActivity {
  const description = `Setting desired instance count to ${count}.`;
  const activity = beginActivity(account, target, { description, cause, capacity: count });
  const refused = refusalOf(account, variant, count);
  if (refused !== null) failActivity(activity, account.time, refused);
  else startRescaling(account, endpoint, [{ variant, weight: undefined, count }], null, activity);
  return activity;
}

/**
 * Moves the present capacity into the limits, when they are set. Source: concepts of the user guide (getting-started):
 * "anytime a scaling policy is invoked or the RegisterScalableTarget API is called".
 */
export function enforceBounds(account: AccountState, target: ScalableTarget): void {
  const found = scalableVariant(account, target);
  const present = found?.variant.desiredCount ?? 0;
  const count = withinBounds(target, present);
  if (!found || count === present) return;
  const bound = count > present ? 'minimum' : 'maximum';
  changeCapacity(account, target, found, count, `${bound} capacity was set to ${count}`);
}

/** The account's limit is an error of SageMaker, which ends in the activity. */
function refusalOf(account: AccountState, variant: Variant, count: number): string | null {
  if (variant.instanceType === undefined) return 'The variant has no instances.';
  try {
    const added = new Map([[variant.instanceType, count - variant.desiredCount]]);
    requireWithinLimits(account, 'endpoint usage', added);
    return null;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return `${error.message} (Service: AmazonSageMaker; Status Code: ${error.status}; Error Code: ${error.code}; Request ID: ${account.scaling.newId()})`;
  }
}
