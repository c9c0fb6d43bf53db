import { validationError } from '../../http/service-error.js';
import type { FaultKind } from '../../account/faults.js';
import type { AccountState } from '../../account/account-state.js';
import { findEndpointConfig } from './endpoint-configs.js';
import type { Endpoint, EndpointChange, EndpointStatus, PlannedOutcome, Variant } from './endpoint-state.js';
import { rememberPrevious } from './endpoint-view.js';

/** Ends a stage of a change. `unhealthy`: the name of a variant that did not start, or null. */
export type StageEnd<Change> = (
  account: AccountState,
  endpoint: Endpoint,
  change: Change,
  unhealthy: string | null,
) => void;

/** Ends the current stage of the change when it is due, and not before `ready` has settled. */
export function scheduleChange<Change extends EndpointChange>(
  account: AccountState,
  endpoint: Endpoint,
  change: Change,
  end: StageEnd<Change>,
  ready: Promise<string | null> | null = null,
): void {
  const { dueAt } = change;
  account.after(Math.max(0, dueAt - account.time), ready, (unhealthy) => {
    if (endpoint.change !== change || change.dueAt !== dueAt) return;
    rememberPrevious(account, endpoint);
    endpoint.meter?.catchUp();
    end(account, endpoint, change, unhealthy);
  });
}

export function setStatus(account: AccountState, endpoint: Endpoint, status: EndpointStatus): void {
  endpoint.status = status;
  endpoint.modifiedAt = account.time;
}

/** Ends the change with any result. */
export function completeChange(
  account: AccountState,
  endpoint: Endpoint,
  status: EndpointStatus,
  failureReason: string | undefined,
): void {
  endpoint.change = null;
  endpoint.failureReason = failureReason;
  setStatus(account, endpoint, status);
}

export function stopServing(variants: Variant[]): void {
  for (const variant of variants) void variant.serving?.stop();
}

/** Refuses updates while another change is in progress, and if the live config was deleted. */
export function requireChangeable(
  account: AccountState,
  endpoint: Endpoint,
  statuses: EndpointStatus[],
): void {
  if (endpoint.status === 'Failed') {
    throw validationError(`Cannot update failed endpoint "${endpoint.arn}". It can only be deleted.`);
  }
  if (!statuses.includes(endpoint.status)) {
    throw validationError(`Cannot update in-progress endpoint "${endpoint.arn}".`);
  }
  findEndpointConfig(account, endpoint.config.name);
}

export const capacityReason =
  'Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. Please retry using a different ML instance type or after some time.';
const internalReason =
  'Request to service failed. If failure persists after retry, contact customer support.';

export function pingFailure(variant: string): string {
  return `The primary container for production variant ${variant} did not pass the ping health check. Please check CloudWatch logs for this endpoint.`;
}

/** The failure reason of a change with this outcome. Undefined if SageMaker gives none. */
export function failureReasonOf(plannedOutcome: PlannedOutcome, variant: string): string | undefined {
  if (plannedOutcome === 'revertSilently') return undefined;
  if (plannedOutcome === 'noCapacity') return capacityReason;
  return plannedOutcome === 'fail' || plannedOutcome === 'failForGood'
    ? pingFailure(variant)
    : internalReason;
}

const plannedOutcomes: readonly string[] = [
  'revert',
  'revertSilently',
  'fail',
  'failForGood',
  'rollbackFailed',
  'stuck',
  'noCapacity',
] satisfies PlannedOutcome[];

export function plannedOutcomeOf(fault: FaultKind | null): PlannedOutcome | null {
  return fault !== null && plannedOutcomes.includes(fault) ? (fault as PlannedOutcome) : null;
}
