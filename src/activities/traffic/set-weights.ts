import type { Weights } from '../../plan/compiled/names.js';
import {
  requiredArms,
  findWrongConfig,
  findWrongVariant,
  describeEndpoints,
  armSharesOf,
  type RoleArm,
} from '../endpoint/arms.js';
import { describeUnhealthy, findOtherShares } from '../drift/find-drift.js';
import { nonRetryableFailure } from '../temporal/failures.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { EndpointObservation } from '../interface/endpoint.js';
import type { ArmTraffic } from '../interface/traffic.js';
import { requireNoFreeze } from '../gates/freeze.js';
import { createRouter } from './create-router.js';
import type { RouterDeps } from './router.js';
import { firstPollSeconds, lastPollState, pollAgain } from '../temporal/polling.js';
import { isSameShare, isSettled } from '../endpoint/weights.js';

/** Number of requests so far. Attempts pass it on. */
interface WeightState {
  requests: number;
}

export function createSetWeights(deps: RouterDeps, pollSeconds: number): RolloutActivities['setWeights'] {
  return async ({ traffic, weights, from, freeze }) => {
    const router = createRouter(deps, traffic);
    const needed = requiredArms(traffic, (role) => weights[role] > 0);
    const seen = await router.readWeights(needed);
    const endpoint = requireExpectedEndpoint(seen, traffic, needed);
    const name = describeEndpoints(traffic);
    const shares = describeWeights(weights);
    const requests = lastPollState<WeightState>()?.requests ?? 0;
    if (endpoint.status !== 'InService') {
      const message = `${name}: waiting to set ${shares}, its status is ${endpoint.status}`;
      return pollAgain(message, pollSeconds, { requests } satisfies WeightState);
    }
    const wrongVariant = findWrongVariant(endpoint, needed, traffic);
    if (wrongVariant !== null) throw nonRetryableFailure('Drift', wrongVariant);
    if (!hasDesiredWeights(endpoint, traffic, weights)) {
      // In the topology `endpoints`, only the rollout sets the shares.
      const externalChange =
        requests === 0 && from !== undefined && traffic.topology === 'variants'
          ? findOtherShares(endpoint, { traffic, weights: from })
          : null;
      if (externalChange !== null) throw nonRetryableFailure('Drift', externalChange);
      requireNoFreeze(freeze);
      await router.setWeights(weights);
      const again = requests === 0 ? '' : ` (request ${requests + 1})`;
      const state: WeightState = { requests: requests + 1 };
      return pollAgain(`${name}: requested ${shares}${again}`, firstPollSeconds(pollSeconds), state);
    }
    if (!hasSettled(endpoint, needed))
      return pollAgain(`${name}: waiting for ${shares}`, pollSeconds, { requests } satisfies WeightState);
    return endpoint;
  };
}

const failed = new Set(['Failed', 'OutOfService']);
const missing = new Set(['Deleting', 'Missing']);

/** Weights and counts belong to a config and its variants. On another config they would have another effect. */
export function requireExpectedEndpoint(
  seen: EndpointObservation | null,
  traffic: ArmTraffic,
  needed: RoleArm[],
): EndpointObservation {
  if (seen === null)
    throw nonRetryableFailure('EndpointNotFound', `${describeEndpoints(traffic)} no longer exists`);
  if (failed.has(seen.status)) throw nonRetryableFailure('EndpointFailed', describeUnhealthy(seen, traffic));
  // Two configs serve, and weights would have another effect on each. Another update ends this state.
  if (seen.status === 'UpdateRollbackFailed')
    throw nonRetryableFailure('Drift', describeUnhealthy(seen, traffic));
  if (missing.has(seen.status))
    throw nonRetryableFailure('EndpointNotFound', describeUnhealthy(seen, traffic));
  const wrongConfig = findWrongConfig(seen, needed);
  if (wrongConfig !== null) throw nonRetryableFailure('Drift', wrongConfig);
  return seen;
}

function hasDesiredWeights(seen: EndpointObservation, traffic: ArmTraffic, weights: Weights): boolean {
  const shares = armSharesOf(seen, traffic, 'desiredWeight');
  return (
    shares !== null &&
    isSameShare(shares.baseline, weights.baseline) &&
    isSameShare(shares.candidate, weights.candidate)
  );
}

function hasSettled({ variants }: EndpointObservation, needed: RoleArm[]): boolean {
  const ours = new Set(needed.map(({ arm }) => arm.endpoint));
  return variants.filter(({ endpoint }) => ours.has(endpoint)).every(isSettled);
}

function describeWeights({ baseline, candidate }: Weights): string {
  return `baseline ${baseline} %, candidate ${candidate} %`;
}
