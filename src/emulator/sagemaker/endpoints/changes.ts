import { validationError } from '../../http/service-error.js';
import type { FaultKind } from '../../account/faults.js';
import type { AccountState } from '../../account/account-state.js';
import { findEndpointConfig } from './endpoint-configs.js';
import type { Endpoint, EndpointChange, EndpointStatus, PlannedOutcome, Variant } from './endpoint-state.js';
import { rememberFormer } from './endpoint-view.js';

/** What the change's stage waits for beside time: the name of a variant that did not come up, or null. */
export type StageEnd<Change> = (
  world: AccountState,
  endpoint: Endpoint,
  change: Change,
  unhealthy: string | null,
) => void;

/** Lets the stage that the change is in end when it is due; `ready` may make it later. */
export function scheduleChange<Change extends EndpointChange>(
  world: AccountState,
  endpoint: Endpoint,
  change: Change,
  end: StageEnd<Change>,
  ready: Promise<string | null> | null = null,
): void {
  const { dueAt } = change;
  world.after(Math.max(0, dueAt - world.time), ready, (unhealthy) => {
    if (endpoint.change !== change || change.dueAt !== dueAt) return;
    rememberFormer(world, endpoint);
    endpoint.meter?.catchUp();
    end(world, endpoint, change, unhealthy);
  });
}

export function setStatus(world: AccountState, endpoint: Endpoint, status: EndpointStatus): void {
  endpoint.status = status;
  endpoint.modifiedAt = world.time;
}

/** The change is over, whatever came of it. */
export function completeChange(
  world: AccountState,
  endpoint: Endpoint,
  status: EndpointStatus,
  failureReason: string | undefined,
): void {
  endpoint.change = null;
  endpoint.failureReason = failureReason;
  setStatus(world, endpoint, status);
}

export function stopServing(variants: Variant[]): void {
  for (const variant of variants) void variant.serving?.stop();
}

/** Updates of any kind are refused while something else is under way, and when the live config has been deleted. */
export function requireChangeable(world: AccountState, endpoint: Endpoint, statuses: EndpointStatus[]): void {
  if (endpoint.status === 'Failed') {
    throw validationError(`Cannot update failed endpoint "${endpoint.arn}". It can only be deleted.`);
  }
  if (!statuses.includes(endpoint.status)) {
    throw validationError(`Cannot update in-progress endpoint "${endpoint.arn}".`);
  }
  findEndpointConfig(world, endpoint.config.name);
}

export const capacityReason =
  'Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. Please retry using a different ML instance type or after some time.';
const internalReason =
  'Request to service failed. If failure persists after retry, contact customer support.';

export function pingFailure(variant: string): string {
  return `The primary container for production variant ${variant} did not pass the ping health check. Please check CloudWatch logs for this endpoint.`;
}

/** Why a change of this fate ends badly; undefined where nothing is said. */
export function failureReasonOf(fate: PlannedOutcome, variant: string): string | undefined {
  if (fate === 'revertSilently') return undefined;
  if (fate === 'noCapacity') return capacityReason;
  return fate === 'fail' || fate === 'failForGood' ? pingFailure(variant) : internalReason;
}

const fates: readonly string[] = [
  'revert',
  'revertSilently',
  'fail',
  'failForGood',
  'rollbackFailed',
  'stuck',
  'noCapacity',
] satisfies PlannedOutcome[];

export function plannedOutcomeOf(fault: FaultKind | null): PlannedOutcome | null {
  return fault !== null && fates.includes(fault) ? (fault as PlannedOutcome) : null;
}
