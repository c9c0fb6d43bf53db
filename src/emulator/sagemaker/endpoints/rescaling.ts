import type { World } from '../../account/account-state.js';
import { capacityReason, reasonOf, schedule, setStatus, settle } from './changes.js';
import type { Endpoint, Fate, Rescaling, Variant } from './endpoint-state.js';
import { rememberFormer } from './endpoint-view.js';
import { everyVariant } from './fleets.js';
import { hasCapacity } from '../service-limits.js';

/** What is wished of a variant; what is undefined stays. */
export interface Wish {
  variant: Variant;
  weight: number | undefined;
  count: number | undefined;
}

/** Wishes hold at once as desired values, and as current ones when the change is done. */
export function startRescaling(world: World, endpoint: Endpoint, wishes: Wish[], fate: Fate | null): void {
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
  const usualMs = world.pace.drawMs(resizes ? 'scaling' : 'shifting');
  const change: Rescaling = {
    kind: 'rescaling',
    stage: 'applying',
    fate,
    former,
    startedAt: world.time,
    dueAt: world.time + (fate === 'stuck' ? world.pace.drawMs('stuck') : usualMs),
    failureReason: undefined,
  };
  endpoint.change = change;
  endpoint.failureReason = undefined;
  setStatus(world, endpoint, 'Updating');
  resumeRescaling(world, endpoint, change);
}

export function resumeRescaling(world: World, endpoint: Endpoint, change: Rescaling): void {
  schedule(world, endpoint, change, change.stage === 'applying' ? apply : endRollback);
}

function apply(world: World, endpoint: Endpoint, change: Rescaling): void {
  const name = endpoint.variants[0]?.name ?? '';
  if (change.fate === 'failForGood') settle(world, endpoint, 'Failed', reasonOf('failForGood', name));
  else if (change.fate !== null) undo(world, endpoint, change, reasonOf(change.fate, name));
  else if (!hasCapacity(world, addedTo(endpoint))) undo(world, endpoint, change, capacityReason);
  else {
    for (const variant of everyVariant(endpoint)) {
      variant.currentWeight = variant.desiredWeight;
      variant.currentCount = variant.desiredCount;
    }
    endpoint.replacements = [];
    settle(world, endpoint, 'InService', undefined);
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
function undo(world: World, endpoint: Endpoint, change: Rescaling, reason: string | undefined): void {
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

function endRollback(world: World, endpoint: Endpoint, change: Rescaling): void {
  settle(
    world,
    endpoint,
    change.fate === 'rollbackFailed' ? 'UpdateRollbackFailed' : 'InService',
    change.failureReason,
  );
}
