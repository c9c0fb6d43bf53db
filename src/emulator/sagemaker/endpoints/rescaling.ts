import type { AccountState } from '../../account/account-state.js';
import { capacityReason, failureReasonOf, scheduleChange, setStatus, completeChange } from './changes.js';
import type { Endpoint, PlannedOutcome, Rescaling, Variant } from './endpoint-state.js';
import { rememberFormer } from './endpoint-view.js';
import { everyVariant } from './fleets.js';
import { hasCapacity } from '../service-limits.js';

/** What is wished of a variant; what is undefined stays. */
export interface VariantTarget {
  variant: Variant;
  weight: number | undefined;
  count: number | undefined;
}

/** Wishes hold at once as desired values, and as current ones when the change is done. */
export function startRescaling(
  world: AccountState,
  endpoint: Endpoint,
  wishes: VariantTarget[],
  fate: PlannedOutcome | null,
): void {
  rememberFormer(world, endpoint);
  const former = Object.fromEntries(
    everyVariant(endpoint).map((each) => [
      each.name,
      { weight: each.desiredWeight, count: each.desiredCount },
    ]),
  );
  for (const { variant, weight, count } of wishes) {
    variant.desiredWeight = weight ?? variant.desiredWeight;
    variant.desiredCount = count ?? variant.desiredCount;
  }
  const resizes = wishes.some(({ variant }) => variant.desiredCount !== variant.currentCount);
  const defaultMs = world.pace.drawMs(resizes ? 'scaling' : 'shifting');
  const change: Rescaling = {
    kind: 'rescaling',
    stage: 'applying',
    fate,
    former,
    startedAt: world.time,
    dueAt: world.time + (fate === 'stuck' ? world.pace.drawMs('stuck') : defaultMs),
    failureReason: undefined,
  };
  endpoint.change = change;
  endpoint.failureReason = undefined;
  setStatus(world, endpoint, 'Updating');
  resumeRescaling(world, endpoint, change);
}

export function resumeRescaling(world: AccountState, endpoint: Endpoint, change: Rescaling): void {
  scheduleChange(world, endpoint, change, change.stage === 'applying' ? apply : endRollback);
}

function apply(world: AccountState, endpoint: Endpoint, change: Rescaling): void {
  const name = endpoint.variants[0]?.name ?? '';
  if (change.fate === 'failForGood')
    completeChange(world, endpoint, 'Failed', failureReasonOf('failForGood', name));
  else if (change.fate !== null) undo(world, endpoint, change, failureReasonOf(change.fate, name));
  else if (!hasCapacity(world, addedTo(endpoint))) undo(world, endpoint, change, capacityReason);
  else {
    for (const variant of everyVariant(endpoint)) {
      variant.currentWeight = variant.desiredWeight;
      variant.currentCount = variant.desiredCount;
    }
    endpoint.replacements = [];
    completeChange(world, endpoint, 'InService', undefined);
  }
}

function addedTo(endpoint: Endpoint): Map<string, number> {
  const grown = everyVariant(endpoint).filter((each) => each.desiredCount > each.currentCount);
  return new Map(
    grown.flatMap((each) =>
      each.instanceType === undefined ? [] : [[each.instanceType, each.desiredCount - each.currentCount]],
    ),
  );
}

/** Back to what was desired before; a silent change is back at once, any other one through RollingBack. */
function undo(world: AccountState, endpoint: Endpoint, change: Rescaling, reason: string | undefined): void {
  for (const variant of everyVariant(endpoint)) {
    const former = change.former[variant.name];
    variant.desiredWeight = former?.weight ?? variant.desiredWeight;
    variant.desiredCount = former?.count ?? variant.desiredCount;
  }
  change.failureReason = reason;
  if (reason === undefined) {
    endRollback(world, endpoint, change);
    return;
  }
  change.stage = 'rollingBack';
  change.dueAt = world.time + world.pace.drawMs('rollingBack');
  setStatus(world, endpoint, 'RollingBack');
  resumeRescaling(world, endpoint, change);
}

function endRollback(world: AccountState, endpoint: Endpoint, change: Rescaling): void {
  completeChange(
    world,
    endpoint,
    change.fate === 'rollbackFailed' ? 'UpdateRollbackFailed' : 'InService',
    change.failureReason,
  );
}
