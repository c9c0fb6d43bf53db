/** Finds external changes of the endpoint. No I/O, no clock. */
import type { Role, Weights } from '../../plan/compiled/names.js';
import {
  armsOf,
  findWrongConfig,
  findWrongVariant,
  describeEndpoints,
  armSharesOf,
} from '../endpoint/arms.js';
import type { EndpointObservation } from '../interface/endpoint.js';
import type { Drift, ArmTraffic } from '../interface/traffic.js';
import { isSameShare } from '../endpoint/weights.js';

export interface Expectation {
  traffic: ArmTraffic;
  weights: Weights;
}

/**
 * Null if the endpoint is in the state that the rollout set. A change of config or weights counts as soon as it
 * is in progress. Changes of instance counts do not count, because autoscaling makes them.
 */
export function findDrift(seen: EndpointObservation | null, expectation: Expectation): Drift | null {
  const { traffic } = expectation;
  const name = describeEndpoints(traffic);
  if (seen === null) return drift('missing', `${name} no longer exists`);
  const wrongConfig = findWrongConfig(seen, armsOf(traffic));
  if (wrongConfig !== null) return drift('config', wrongConfig);
  switch (seen.status) {
    case 'InService':
      return (
        wrongVariant(seen, traffic) ??
        differingShares(seen, expectation, 'currentWeight') ??
        differingShares(seen, expectation, 'desiredWeight')
      );
    case 'SystemUpdating':
      return null;
    case 'Updating': {
      if (!isScaling(seen)) return drift('inProgress', `${name} is being updated by someone else`);
      const shares = differingShares(seen, expectation, 'desiredWeight');
      return wrongVariant(seen, traffic) ?? (shares && drift('inProgress', shares.message));
    }
    default:
      return drift('unhealthy', describeUnhealthy(seen, traffic));
  }
}

function drift(kind: Drift['kind'], message: string, weights: Weights | null = null): Drift {
  return { kind, message, weights };
}

function wrongVariant(seen: EndpointObservation, traffic: ArmTraffic): Drift | null {
  const message = findWrongVariant(seen, armsOf(traffic), traffic);
  return message === null ? null : drift('config', message);
}

/** e.g. `endpoint digits is Failed: no capacity`. */
export function describeUnhealthy(
  { status, failureReason }: EndpointObservation,
  traffic: ArmTraffic,
): string {
  const reason = failureReason === null || failureReason === '' ? '' : `: ${failureReason}`;
  return `${describeEndpoints(traffic)} is ${status}${reason}`;
}

/** Autoscaling changes counts through the same call that changes weights, without changing the weights. */
function isScaling(seen: EndpointObservation): boolean {
  return seen.variants.some((variant) => variant.currentCount !== variant.desiredCount);
}

/** A message if the variants' desired weights differ from `weights`; else null. */
export function findOtherShares(seen: EndpointObservation, expectation: Expectation): string | null {
  return differingShares(seen, expectation, 'desiredWeight')?.message ?? null;
}

function differingShares(
  seen: EndpointObservation,
  { traffic, weights }: Expectation,
  weight: 'currentWeight' | 'desiredWeight',
): Drift | null {
  const name = describeEndpoints(traffic);
  const shares = armSharesOf(seen, traffic, weight);
  if (shares === null) return drift('weights', `${name}: no variant has any weight`);
  for (const role of ['baseline', 'candidate'] satisfies Role[]) {
    if (isSameShare(shares[role], weights[role])) continue;
    const message = `${name}: ${role} has ${round(shares[role])} % of the traffic, not ${weights[role]} %`;
    const candidate = round(shares.candidate);
    return drift('weights', message, { baseline: round(100 - candidate), candidate });
  }
  return null;
}

function round(percent: number): number {
  return Number(percent.toFixed(3));
}
