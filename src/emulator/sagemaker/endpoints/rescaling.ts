import {
  completeActivity,
  failActivity,
  type ScalingActivity,
} from '../../application-auto-scaling/activities/scaling-activity.js';
import type { ProductionVariantServerlessConfig } from '@aws-sdk/client-sagemaker';
import type { AccountState } from '../../account/account-state.js';
import { capacityReason, failureReasonOf, scheduleChange, setStatus, completeChange } from './changes.js';
import type { Endpoint, PlannedOutcome, Rescaling, Variant } from './endpoint-state.js';
import { rememberPrevious } from './endpoint-view.js';
import { everyVariant } from './fleets.js';
import { hasCapacity } from '../service-limits.js';

/** Desired values of a variant. Undefined values stay unchanged. */
export interface VariantTarget {
  variant: Variant;
  weight: number | undefined;
  count: number | undefined;
  serverless?: ProductionVariantServerlessConfig | undefined;
}

/**
 * Sets the desired values at once, and the current values at the end of the change. `scalingActivity`: of autoscaling,
 * which ends with the change.
 */
export function startRescaling(
  account: AccountState,
  endpoint: Endpoint,
  targets: VariantTarget[],
  plannedOutcome: PlannedOutcome | null,
  scalingActivity: ScalingActivity | null = null,
): void {
  rememberPrevious(account, endpoint);
  const previous = Object.fromEntries(
    everyVariant(endpoint).map((each) => [
      each.name,
      { weight: each.desiredWeight, count: each.desiredCount },
    ]),
  );
  for (const { variant, weight, count, serverless } of targets) {
    variant.desiredWeight = weight ?? variant.desiredWeight;
    variant.desiredCount = count ?? variant.desiredCount;
    variant.desiredServerless = serverless;
  }
  const resizes = targets.some(({ variant }) => variant.desiredCount !== variant.currentCount);
  const defaultMs = account.pace.drawMs(resizes ? 'scaling' : 'shifting');
  const change: Rescaling = {
    kind: 'rescaling',
    stage: 'applying',
    plannedOutcome,
    previous,
    scalingActivity,
    startedAt: account.time,
    dueAt: account.time + (plannedOutcome === 'stuck' ? account.pace.drawMs('stuck') : defaultMs),
    failureReason: undefined,
  };
  endpoint.change = change;
  endpoint.failureReason = undefined;
  setStatus(account, endpoint, 'Updating');
  resumeRescaling(account, endpoint, change);
}

export function resumeRescaling(account: AccountState, endpoint: Endpoint, change: Rescaling): void {
  scheduleChange(account, endpoint, change, change.stage === 'applying' ? apply : endRollback);
}

function apply(account: AccountState, endpoint: Endpoint, change: Rescaling): void {
  const name = endpoint.variants[0]?.name ?? '';
  if (change.plannedOutcome === 'failForGood') {
    failScaling(account, change, failureReasonOf('failForGood', name));
    completeChange(account, endpoint, 'Failed', failureReasonOf('failForGood', name));
  } else if (change.plannedOutcome !== null)
    undo(account, endpoint, change, failureReasonOf(change.plannedOutcome, name));
  else if (!hasCapacity(account, addedTo(endpoint))) undo(account, endpoint, change, capacityReason);
  else {
    for (const variant of everyVariant(endpoint)) {
      variant.currentWeight = variant.desiredWeight;
      variant.currentCount = variant.desiredCount;
      variant.serverless = variant.desiredServerless ?? variant.serverless;
      variant.desiredServerless = undefined;
    }
    endpoint.replacements = [];
    if (change.scalingActivity) completeActivity(change.scalingActivity, account.time);
    completeChange(account, endpoint, 'InService', undefined);
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

/** Restores the previous desired values: at once for a silent revert, otherwise through RollingBack. */
function undo(
  account: AccountState,
  endpoint: Endpoint,
  change: Rescaling,
  reason: string | undefined,
): void {
  for (const variant of everyVariant(endpoint)) {
    const previous = change.previous[variant.name];
    variant.desiredWeight = previous?.weight ?? variant.desiredWeight;
    variant.desiredCount = previous?.count ?? variant.desiredCount;
    variant.desiredServerless = undefined;
  }
  change.failureReason = reason;
  if (reason === undefined) {
    endRollback(account, endpoint, change);
    return;
  }
  change.stage = 'rollingBack';
  change.dueAt = account.time + account.pace.drawMs('rollingBack');
  setStatus(account, endpoint, 'RollingBack');
  resumeRescaling(account, endpoint, change);
}

function endRollback(account: AccountState, endpoint: Endpoint, change: Rescaling): void {
  failScaling(account, change, change.failureReason);
  completeChange(
    account,
    endpoint,
    change.plannedOutcome === 'rollbackFailed' ? 'UpdateRollbackFailed' : 'InService',
    change.failureReason,
  );
}

function failScaling(
  account: AccountState,
  { scalingActivity }: Rescaling,
  reason = 'SageMaker gives no reason.',
): void {
  if (scalingActivity) failActivity(scalingActivity, account.time, reason);
}
