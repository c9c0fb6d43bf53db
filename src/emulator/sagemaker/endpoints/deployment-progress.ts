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

/** How often alarms are looked at while a fleet bakes. */
const lookEveryMs = 5_000;

/** Begins to bring up a fleet; the endpoint's status is the caller's. */
export function startDeployment(
  world: AccountState,
  endpoint: Endpoint,
  given: Pick<EmulatedDeployment, 'fleet' | 'guardrails' | 'fate' | 'dataCapture'>,
): void {
  const creating = endpoint.status === 'Creating';
  const defaultMs = world.pace.drawMs(creating ? 'creating' : 'updating');
  for (const variant of everyVariant(given.fleet)) variant.currentCount = 0;
  startServing(world, given.fleet);
  const deployment: EmulatedDeployment = {
    kind: 'deployment',
    ...given,
    creating,
    stage: 'provisioning',
    startedAt: world.time,
    stageStartedAt: world.time,
    dueAt: world.time + (given.fate === 'stuck' ? world.pace.drawMs('stuck') : defaultMs),
    step: 0,
    failureReason: undefined,
  };
  endpoint.change = deployment;
  endpoint.failureReason = undefined;
  resumeDeployment(world, endpoint, deployment);
}

/** Goes on from the stage that the deployment is in; also after the world has been read from a file. */
export function resumeDeployment(
  world: AccountState,
  endpoint: Endpoint,
  deployment: EmulatedDeployment,
): void {
  const ready = deployment.stage === 'provisioning' ? firstUnhealthy(deployment.fleet) : null;
  scheduleChange(world, endpoint, deployment, endStage, ready);
}

function endStage(
  world: AccountState,
  endpoint: Endpoint,
  deployment: EmulatedDeployment,
  unhealthy: string | null,
): void {
  switch (deployment.stage) {
    case 'provisioning':
      endProvisioning(world, endpoint, deployment, unhealthy);
      return;
    case 'activating':
      activate(world, endpoint, deployment);
      return;
    case 'baking':
      bake(world, endpoint, deployment);
      return;
    case 'terminating':
      activateFleet(world, endpoint, deployment);
      return;
    case 'rollingBack':
      rollBackStep(world, endpoint, deployment);
      return;
  }
}

function endProvisioning(
  world: AccountState,
  endpoint: Endpoint,
  deployment: EmulatedDeployment,
  unhealthy: string | null,
): void {
  const { fleet, fate, guardrails } = deployment;
  const name = fleet.variants[0]?.name ?? '';
  if (unhealthy !== null) startRollback(world, endpoint, deployment, pingFailure(unhealthy));
  else if (!hasCapacity(world, instancesAdded(fleet, guardrails))) {
    startRollback(world, endpoint, deployment, capacityReason);
  } else if (fate !== null && (fate !== 'rollbackFailed' || !guardrails)) {
    startRollback(world, endpoint, deployment, failureReasonOf(fate, name));
  } else if (!guardrails) activateFleet(world, endpoint, deployment);
  else enterStage(world, endpoint, deployment, 'activating', world.pace.drawMs('activating'));
}

/** One more step of traffic has moved to the new fleet. */
function activate(world: AccountState, endpoint: Endpoint, deployment: EmulatedDeployment): void {
  const { guardrails, fleet, step } = deployment;
  const trouble = failureOf(world, guardrails);
  if (trouble !== null) {
    startRollback(world, endpoint, deployment, trouble);
    return;
  }
  moveTraffic(endpoint, deployment, guardrails?.shares[step] ?? 1);
  // What a rollback cannot undo must have begun.
  if (deployment.fate === 'rollbackFailed') {
    startRollback(
      world,
      endpoint,
      deployment,
      failureReasonOf('rollbackFailed', fleet.variants[0]?.name ?? ''),
    );
    return;
  }
  deployment.step += 1;
  enterStage(world, endpoint, deployment, 'baking', Math.min(lookEveryMs, waitMs(deployment)));
}

function bake(world: AccountState, endpoint: Endpoint, deployment: EmulatedDeployment): void {
  const { guardrails, stageStartedAt, step } = deployment;
  const trouble = failureOf(world, guardrails);
  const left = stageStartedAt + waitMs(deployment) - world.time;
  if (trouble !== null) startRollback(world, endpoint, deployment, trouble);
  else if (left > 0) {
    deployment.dueAt = world.time + Math.min(lookEveryMs, left);
    resumeDeployment(world, endpoint, deployment);
  } else if (step < (guardrails?.shares.length ?? 0)) {
    enterStage(world, endpoint, deployment, 'activating', world.pace.drawMs('activating'));
  } else enterStage(world, endpoint, deployment, 'terminating', world.pace.drawMs('deleting'));
}

function waitMs({ guardrails, step }: EmulatedDeployment): number {
  return guardrails?.waitsMs[step - 1] ?? 0;
}

/** Why a guarded deployment has to be rolled back now. */
function failureOf(world: AccountState, guardrails: Guardrails | null): string | null {
  const tripped = (guardrails?.alarms ?? []).filter((name) => world.alarms.get(name)?.state === 'ALARM');
  if (tripped.length > 0) {
    return `One or more alarms went into the ALARM state during the deployment: ${tripped.join(', ')}.`;
  }
  return guardrails && world.time >= guardrails.deadline
    ? 'The deployment exceeded MaximumExecutionTimeoutInSeconds.'
    : null;
}

function enterStage(
  world: AccountState,
  endpoint: Endpoint,
  deployment: EmulatedDeployment,
  stage: EmulatedDeployment['stage'],
  durationMs: number,
): void {
  deployment.stage = stage;
  deployment.stageStartedAt = world.time;
  deployment.dueAt = world.time + durationMs;
  resumeDeployment(world, endpoint, deployment);
}

function startRollback(
  world: AccountState,
  endpoint: Endpoint,
  deployment: EmulatedDeployment,
  reason: string | undefined,
): void {
  deployment.failureReason = reason;
  if (deployment.creating || deployment.fate === 'failForGood') {
    stopServing([...everyVariant(deployment.fleet), ...everyVariant(endpoint)]);
    endpoint.second = null;
    completeChange(world, endpoint, 'Failed', reason);
  } else if (deployment.fate === 'revertSilently') restorePreviousFleet(world, endpoint, deployment);
  else {
    // A blue/green deployment still has its old fleet, which takes all traffic at once.
    if (!deployment.guardrails?.rolling && deployment.fate !== 'rollbackFailed') endpoint.second = null;
    setStatus(world, endpoint, 'RollingBack');
    enterStage(world, endpoint, deployment, 'rollingBack', world.pace.drawMs('rollingBack'));
  }
}

function rollBackStep(world: AccountState, endpoint: Endpoint, deployment: EmulatedDeployment): void {
  const { guardrails, fate } = deployment;
  if (fate === 'rollbackFailed') {
    const half = 0.5;
    if (!endpoint.second) moveTraffic(endpoint, deployment, half);
    completeChange(world, endpoint, 'UpdateRollbackFailed', deployment.failureReason);
    return;
  }
  const share = (endpoint.second?.share ?? 0) - (guardrails?.rollbackStep ?? 1);
  // Floating point leaves crumbs.
  if (share < 1e-9) restorePreviousFleet(world, endpoint, deployment);
  else {
    moveTraffic(endpoint, deployment, share);
    enterStage(world, endpoint, deployment, 'rollingBack', world.pace.drawMs('rollingBack'));
  }
}
