import type { AccountState } from '../../account/account-state.js';
import {
  capacityReason,
  pingFailure,
  failureReasonOf,
  scheduleChange,
  setStatus,
  completeChange,
  stopServing,
} from './changes.js';
import type { EmulatedDeployment, Endpoint, Guardrails } from './endpoint-state.js';
import { moveTraffic, restorePreviousFleet, activateFleet } from './fleet-switch.js';
import { everyVariant, firstUnhealthy, instancesAdded, startServing } from './fleets.js';
import { hasCapacity } from '../service-limits.js';

/** Time between two checks of the alarms during a bake. */
const checkIntervalMs = 5_000;

/** Starts a fleet. The caller sets the status of the endpoint. */
export function startDeployment(
  account: AccountState,
  endpoint: Endpoint,
  given: Pick<EmulatedDeployment, 'fleet' | 'guardrails' | 'plannedOutcome' | 'dataCapture'>,
): void {
  const creating = endpoint.status === 'Creating';
  const defaultMs = account.pace.drawMs(creating ? 'creating' : 'updating');
  for (const variant of everyVariant(given.fleet)) variant.currentCount = 0;
  startServing(account, given.fleet);
  const deployment: EmulatedDeployment = {
    kind: 'deployment',
    ...given,
    creating,
    stage: 'provisioning',
    startedAt: account.time,
    stageStartedAt: account.time,
    dueAt: account.time + (given.plannedOutcome === 'stuck' ? account.pace.drawMs('stuck') : defaultMs),
    step: 0,
    failureReason: undefined,
  };
  endpoint.change = deployment;
  endpoint.failureReason = undefined;
  resumeDeployment(account, endpoint, deployment);
}

/** Continues from the current stage of the deployment, also after the account was restored from a file. */
export function resumeDeployment(
  account: AccountState,
  endpoint: Endpoint,
  deployment: EmulatedDeployment,
): void {
  const ready = deployment.stage === 'provisioning' ? firstUnhealthy(deployment.fleet) : null;
  scheduleChange(account, endpoint, deployment, endStage, ready);
}

function endStage(
  account: AccountState,
  endpoint: Endpoint,
  deployment: EmulatedDeployment,
  unhealthy: string | null,
): void {
  switch (deployment.stage) {
    case 'provisioning':
      endProvisioning(account, endpoint, deployment, unhealthy);
      return;
    case 'activating':
      activate(account, endpoint, deployment);
      return;
    case 'baking':
      bake(account, endpoint, deployment);
      return;
    case 'terminating':
      activateFleet(account, endpoint, deployment);
      return;
    case 'rollingBack':
      rollBackStep(account, endpoint, deployment);
      return;
  }
}

function endProvisioning(
  account: AccountState,
  endpoint: Endpoint,
  deployment: EmulatedDeployment,
  unhealthy: string | null,
): void {
  const { fleet, plannedOutcome, guardrails } = deployment;
  const name = fleet.variants[0]?.name ?? '';
  if (unhealthy !== null) startRollback(account, endpoint, deployment, pingFailure(unhealthy));
  else if (!hasCapacity(account, instancesAdded(fleet, guardrails))) {
    startRollback(account, endpoint, deployment, capacityReason);
  } else if (plannedOutcome !== null && (plannedOutcome !== 'rollbackFailed' || !guardrails)) {
    startRollback(account, endpoint, deployment, failureReasonOf(plannedOutcome, name));
  } else if (!guardrails) activateFleet(account, endpoint, deployment);
  else enterStage(account, endpoint, deployment, 'activating', account.pace.drawMs('activating'));
}

/** Moves the next share of the traffic to the new fleet. */
function activate(account: AccountState, endpoint: Endpoint, deployment: EmulatedDeployment): void {
  const { guardrails, fleet, step } = deployment;
  const failure = failureOf(account, guardrails);
  if (failure !== null) {
    startRollback(account, endpoint, deployment, failure);
    return;
  }
  moveTraffic(endpoint, deployment, guardrails?.shares[step] ?? 1);
  // The outcome `rollbackFailed` needs a deployment that has started to move traffic.
  if (deployment.plannedOutcome === 'rollbackFailed') {
    startRollback(
      account,
      endpoint,
      deployment,
      failureReasonOf('rollbackFailed', fleet.variants[0]?.name ?? ''),
    );
    return;
  }
  deployment.step += 1;
  enterStage(account, endpoint, deployment, 'baking', Math.min(checkIntervalMs, waitMs(deployment)));
}

function bake(account: AccountState, endpoint: Endpoint, deployment: EmulatedDeployment): void {
  const { guardrails, stageStartedAt, step } = deployment;
  const failure = failureOf(account, guardrails);
  const left = stageStartedAt + waitMs(deployment) - account.time;
  if (failure !== null) startRollback(account, endpoint, deployment, failure);
  else if (left > 0) {
    deployment.dueAt = account.time + Math.min(checkIntervalMs, left);
    resumeDeployment(account, endpoint, deployment);
  } else if (step < (guardrails?.shares.length ?? 0)) {
    enterStage(account, endpoint, deployment, 'activating', account.pace.drawMs('activating'));
  } else enterStage(account, endpoint, deployment, 'terminating', account.pace.drawMs('deleting'));
}

function waitMs({ guardrails, step }: EmulatedDeployment): number {
  return guardrails?.waitsMs[step - 1] ?? 0;
}

/** The reason to roll back a guarded deployment now, or null. */
function failureOf(account: AccountState, guardrails: Guardrails | null): string | null {
  const tripped = (guardrails?.alarms ?? []).filter((name) => account.alarms.get(name)?.state === 'ALARM');
  if (tripped.length > 0) {
    return `One or more alarms went into the ALARM state during the deployment: ${tripped.join(', ')}.`;
  }
  return guardrails && account.time >= guardrails.deadline
    ? 'The deployment exceeded MaximumExecutionTimeoutInSeconds.'
    : null;
}

function enterStage(
  account: AccountState,
  endpoint: Endpoint,
  deployment: EmulatedDeployment,
  stage: EmulatedDeployment['stage'],
  durationMs: number,
): void {
  deployment.stage = stage;
  deployment.stageStartedAt = account.time;
  deployment.dueAt = account.time + durationMs;
  resumeDeployment(account, endpoint, deployment);
}

function startRollback(
  account: AccountState,
  endpoint: Endpoint,
  deployment: EmulatedDeployment,
  reason: string | undefined,
): void {
  deployment.failureReason = reason;
  if (deployment.creating || deployment.plannedOutcome === 'failForGood') {
    stopServing([...everyVariant(deployment.fleet), ...everyVariant(endpoint)]);
    endpoint.second = null;
    completeChange(account, endpoint, 'Failed', reason);
  } else if (deployment.plannedOutcome === 'revertSilently')
    restorePreviousFleet(account, endpoint, deployment);
  else {
    // A blue/green deployment still has its old fleet, which gets all traffic at once.
    if (!deployment.guardrails?.rolling && deployment.plannedOutcome !== 'rollbackFailed')
      endpoint.second = null;
    setStatus(account, endpoint, 'RollingBack');
    enterStage(account, endpoint, deployment, 'rollingBack', account.pace.drawMs('rollingBack'));
  }
}

function rollBackStep(account: AccountState, endpoint: Endpoint, deployment: EmulatedDeployment): void {
  const { guardrails, plannedOutcome } = deployment;
  if (plannedOutcome === 'rollbackFailed') {
    const half = 0.5;
    if (!endpoint.second) moveTraffic(endpoint, deployment, half);
    completeChange(account, endpoint, 'UpdateRollbackFailed', deployment.failureReason);
    return;
  }
  const share = (endpoint.second?.share ?? 0) - (guardrails?.rollbackStep ?? 1);
  // The tolerance covers rounding errors.
  if (share < 1e-9) restorePreviousFleet(account, endpoint, deployment);
  else {
    moveTraffic(endpoint, deployment, share);
    enterStage(account, endpoint, deployment, 'rollingBack', account.pace.drawMs('rollingBack'));
  }
}
