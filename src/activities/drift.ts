/** What someone else has changed, in words. No I/O, no clock. */
import type { Role } from '../plan/plan.js';
import type { EndpointObservation, WatchRequest } from './interface.js';
import { isSameShare, sharesOf } from './weights.js';

type Expectation = Pick<WatchRequest, 'endpoint' | 'expected' | 'variants'>;

/** Null where all is as the rollout left it. A change of config or weights under way counts already. */
export function findDrift(seen: EndpointObservation | null, expectation: Expectation): string | null {
  const { endpoint, expected } = expectation;
  const name = `endpoint ${endpoint}`;
  if (seen === null) return `${name} no longer exists`;
  if (seen.configName !== expected.configName) {
    return `${name} is on config ${seen.configName}, not on ${expected.configName}`;
  }
  switch (seen.status) {
    case 'InService':
      return (
        differingShares(seen, expectation, 'currentWeight') ??
        differingShares(seen, expectation, 'desiredWeight')
      );
    case 'SystemUpdating':
      return null;
    case 'Updating':
      return isScaling(seen)
        ? differingShares(seen, expectation, 'desiredWeight')
        : `${name} is being updated by someone else`;
    default:
      return `${name} is ${seen.status}`;
  }
}

/** Autoscaling changes counts through the same call that changes weights; it leaves the weights alone. */
function isScaling(seen: EndpointObservation): boolean {
  return seen.variants.some((variant) => variant.currentCount !== variant.desiredCount);
}

function differingShares(
  seen: EndpointObservation,
  { endpoint, expected, variants }: Expectation,
  weight: 'currentWeight' | 'desiredWeight',
): string | null {
  const shares = sharesOf(seen.variants, weight);
  if (shares === null) return `endpoint ${endpoint} has no weights`;
  const names = new Set(Object.values(variants));
  const stranger = seen.variants.find((variant) => !names.has(variant.name));
  if (stranger !== undefined) return `endpoint ${endpoint} has the unknown variant ${stranger.name}`;
  for (const role of ['baseline', 'candidate'] satisfies Role[]) {
    const share = shares.get(variants[role]) ?? 0;
    if (isSameShare(share, expected.weights[role])) continue;
    const percent = Number(share.toFixed(3));
    return `endpoint ${endpoint}: ${role} has ${percent} % of the traffic, not ${expected.weights[role]} %`;
  }
  return null;
}
