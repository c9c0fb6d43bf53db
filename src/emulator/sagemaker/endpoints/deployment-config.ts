import type { CapacitySize, TrafficRoutingConfig } from '@aws-sdk/client-sagemaker';
import { validationError } from '../../http/service-error.js';
import type { Validated } from '../../service-model/modelled.js';
import type { AccountState } from '../../account/account-state.js';
import type { Endpoint, Fleet, Guardrails } from './endpoint-state.js';
import type { DeploymentRequest } from '../kept-requests.js';

const maxSeconds = 28_800;
/** AWS silently deploys these all at once. */
const unguardedFamilies = /^ml\.inf1\./;

/** The guardrails of the new fleet. Null: all at once and unguarded, also if guardrails do not apply. */
export function planGuardrails(
  account: AccountState,
  endpoint: Endpoint,
  fleet: Fleet,
  request: DeploymentRequest | undefined,
): Guardrails | null {
  if (!request) return null;
  const { BlueGreenUpdatePolicy: blueGreen, RollingUpdatePolicy: rolling } = request;
  if (blueGreen && rolling) {
    throw validationError('Specify only one of BlueGreenUpdatePolicy and RollingUpdatePolicy.');
  }
  const alarms = (request.AutoRollbackConfiguration?.Alarms ?? []).flatMap(({ AlarmName }) =>
    AlarmName === undefined ? [] : [AlarmName],
  );
  for (const alarm of alarms) {
    if (!account.alarms.has(alarm)) throw validationError(`CloudWatch alarm "${alarm}" does not exist.`);
  }
  requireSameVariants(endpoint, fleet);
  const policy = blueGreen ?? rolling;
  if (!policy || fallsBack(fleet, rolling !== undefined)) return null;
  const total = instancesIn(fleet);
  const { shares, waitsMs } = blueGreen ? blueGreenSteps(blueGreen, total) : rollingSteps(rolling, total);
  const seconds = policy.MaximumExecutionTimeoutInSeconds ?? maxSeconds;
  if (waitsMs.reduce((sum, ms) => sum + ms, 0) >= seconds * 1000) {
    throw validationError(
      'MaximumExecutionTimeoutInSeconds must be larger than the total of TerminationWaitInSeconds and WaitIntervalInSeconds.',
    );
  }
  return {
    rolling: rolling !== undefined,
    shares,
    waitsMs,
    deadline: account.time + seconds * 1000,
    alarms,
    rollbackStep: rolling?.RollbackMaximumBatchSize ? partOf(rolling.RollbackMaximumBatchSize, total) : 1,
  };
}

function blueGreenSteps(policy: NonNullable<DeploymentRequest['BlueGreenUpdatePolicy']>, total: number) {
  const routing = policy.TrafficRoutingConfiguration;
  const shares = sharesOf(routing, total);
  const waitsMs = shares.map((_, index) =>
    index < shares.length - 1
      ? routing.WaitIntervalInSeconds * 1000
      : (policy.TerminationWaitInSeconds ?? 0) * 1000,
  );
  return { shares, waitsMs };
}

function sharesOf(routing: Validated<TrafficRoutingConfig>, total: number): number[] {
  switch (routing.Type) {
    case 'ALL_AT_ONCE':
      return [1];
    case 'CANARY':
      return [requirePart('CanarySize', routing.CanarySize, total, 0), 1];
    case 'LINEAR':
      return stepsOf(requirePart('LinearStepSize', routing.LinearStepSize, total, 0.1));
  }
}

function rollingSteps(policy: DeploymentRequest['RollingUpdatePolicy'], total: number) {
  const shares = stepsOf(requirePart('MaximumBatchSize', policy?.MaximumBatchSize, total, 0.05));
  return { shares, waitsMs: shares.map(() => (policy?.WaitIntervalInSeconds ?? 0) * 1000) };
}

/** The size as a share of all instances, at most a half. */
function requirePart(
  name: string,
  size: Validated<CapacitySize> | undefined,
  total: number,
  minimum: number,
): number {
  if (!size) throw validationError(`${name} is required for this type of traffic routing.`);
  const part = partOf(size, total);
  if (part > 0.5 || part < minimum) {
    const range = minimum > 0 ? `between ${minimum * 100}% and 50%` : 'less than or equal to 50%';
    throw validationError(`${name} must be ${range} of the variant's total instance count.`);
  }
  return part;
}

function partOf({ Type, Value }: Validated<CapacitySize>, total: number): number {
  return Math.min(1, Type === 'CAPACITY_PERCENT' ? Value / 100 : Value / Math.max(1, total));
}

function stepsOf(part: number): number[] {
  const count = Math.ceil(1 / part - 1e-9);
  return Array.from({ length: count }, (_, index) => (index === count - 1 ? 1 : (index + 1) * part));
}

function instancesIn(fleet: Fleet): number {
  return fleet.variants.reduce((sum, variant) => sum + variant.desiredCount, 0);
}

function requireSameVariants(endpoint: Endpoint, fleet: Fleet): void {
  const names = (variants: Fleet['variants']) =>
    variants
      .map((variant) => variant.name)
      .sort()
      .join(', ');
  if (names(endpoint.variants) !== names(fleet.variants)) {
    throw validationError(
      `A deployment configuration needs the same variant names in the old and the new endpoint configuration: old ${names(endpoint.variants)}, new ${names(fleet.variants)}.`,
    );
  }
}

function fallsBack({ variants }: Fleet, rolling: boolean): boolean {
  if (variants.some((variant) => unguardedFamilies.test(variant.instanceType ?? ''))) return true;
  return rolling && (variants.length > 1 || variants.some((variant) => variant.serverless));
}
