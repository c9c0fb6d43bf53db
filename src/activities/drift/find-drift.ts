/** What someone else has changed, in words. No I/O, no clock. */
import type { Role, Weights } from '../../plan/compiled/role.js';
import { armsOf, findWrongConfig, findWrongVariant, nameOf, sharesOf } from '../endpoint/arms.js';
import type { EndpointObservation } from '../interface/endpoint.js';
import type { Drift, Traffic } from '../interface/traffic.js';
import { isSameShare } from '../endpoint/weights.js';

export interface Expectation {
  traffic: Traffic;
  weights: Weights;
}

/**
 * Null where all is as the rollout left it. A change of config or weights under way counts already; a change of instance
 * counts does not, for it is autoscaling's business.
 */
export function findDrift(seen: EndpointObservation | null, expectation: Expectation): Drift | null {
  const { traffic } = expectation;
  const name = nameOf(traffic);
  if (seen === null) return drift('gone', `${name} no longer exists`);
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
      if (!isScaling(seen)) return drift('underWay', `${name} is being updated by someone else`);
      const shares = differingShares(seen, expectation, 'desiredWeight');
      return wrongVariant(seen, traffic) ?? (shares && drift('underWay', shares.sentence));
    }
    default:
      return drift('trouble', describeTrouble(seen, traffic));
  }
}

function drift(kind: Drift['kind'], sentence: string, weights: Weights | null = null): Drift {
  return { kind, sentence, weights };
}

function wrongVariant(seen: EndpointObservation, traffic: Traffic): Drift | null {
  const sentence = findWrongVariant(seen, armsOf(traffic));
  return sentence === null ? null : drift('config', sentence);
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

/** What the variants are to have differs from `weights`, in words; null where it does not. */
export function findOtherShares(seen: EndpointObservation, expectation: Expectation): string | null {
  return differingShares(seen, expectation, 'desiredWeight')?.sentence ?? null;
}

function differingShares(
  seen: EndpointObservation,
  { traffic, weights }: Expectation,
  weight: 'currentWeight' | 'desiredWeight',
): Drift | null {
  const name = nameOf(traffic);
  const shares = sharesOf(seen, traffic, weight);
  if (shares === null) return drift('weights', `${name}: nobody has any weight`);
  for (const role of ['baseline', 'candidate'] satisfies Role[]) {
    if (isSameShare(shares[role], weights[role])) continue;
    const sentence = `${name}: ${role} has ${round(shares[role])} % of the traffic, not ${weights[role]} %`;
    const candidate = round(shares.candidate);
    return drift('weights', sentence, { baseline: round(100 - candidate), candidate });
  }
  return null;
}

function round(percent: number): number {
  return Number(percent.toFixed(3));
}
