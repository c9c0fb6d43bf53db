/** What someone else has changed, in words. No I/O, no clock. */
import type { Role, Weights } from '../plan/plan.js';
import { armsOf, findWrongConfig, findWrongVariant, nameOf, sharesOf } from './arms.js';
import type { EndpointObservation, Traffic } from './interface.js';
import { isSameShare } from './weights.js';

export interface Expectation {
  traffic: Traffic;
  weights: Weights;
}

/**
 * Null where all is as the rollout left it. A change of config or weights under way counts already; a change of instance
 * counts does not, for it is autoscaling's business.
 */
export function findDrift(seen: EndpointObservation | null, expectation: Expectation): string | null {
  const { traffic } = expectation;
  const name = nameOf(traffic);
  if (seen === null) return `${name} no longer exists`;
  const wrongConfig = findWrongConfig(seen, armsOf(traffic));
  if (wrongConfig !== null) return wrongConfig;
  switch (seen.status) {
    case 'InService':
      return (
        findWrongVariant(seen, armsOf(traffic)) ??
        differingShares(seen, expectation, 'currentWeight') ??
        differingShares(seen, expectation, 'desiredWeight')
      );
    case 'SystemUpdating':
      return null;
    case 'Updating':
      if (!isScaling(seen)) return `${name} is being updated by someone else`;
      return findWrongVariant(seen, armsOf(traffic)) ?? differingShares(seen, expectation, 'desiredWeight');
    default:
      return describeTrouble(seen, traffic);
  }
}

/** e.g. `endpoint digits is Failed: no capacity`. */
export function describeTrouble({ status, failureReason }: EndpointObservation, traffic: Traffic): string {
  const reason = failureReason === null || failureReason === '' ? '' : `: ${failureReason}`;
  return `${nameOf(traffic)} is ${status}${reason}`;
}

/** Autoscaling changes counts through the same call that changes weights; it leaves the weights alone. */
function isScaling(seen: EndpointObservation): boolean {
  return seen.variants.some((variant) => variant.currentCount !== variant.desiredCount);
}

function differingShares(
  seen: EndpointObservation,
  { traffic, weights }: Expectation,
  weight: 'currentWeight' | 'desiredWeight',
): string | null {
  const name = nameOf(traffic);
  const shares = sharesOf(seen, traffic, weight);
  if (shares === null) return `${name}: nobody has any weight`;
  for (const role of ['baseline', 'candidate'] satisfies Role[]) {
    if (isSameShare(shares[role], weights[role])) continue;
    const percent = Number(shares[role].toFixed(3));
    return `${name}: ${role} has ${percent} % of the traffic, not ${weights[role]} %`;
  }
  return null;
}
