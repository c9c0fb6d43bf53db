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
import { createRouter } from './create-router.js';
import type { RouterDeps } from './router.js';
import { firstPollSeconds, lastPollState, pollAgain } from '../temporal/polling.js';
import { isSameShare, isSettled } from '../endpoint/weights.js';

export function createSetWeights(deps: RouterDeps, pollSeconds: number): RolloutActivities['setWeights'] {
  return async ({ traffic, weights, from }) => {
    const router = createRouter(deps, traffic);
    const needed = requiredArms(traffic, (role) => weights[role] > 0);
    const seen = await router.readWeights(needed);
    const steerable = requireExpectedEndpoint(seen, traffic, needed);
    const text = `${describeEndpoints(traffic)}: ${describeWeights(weights)}`;
    const asked = lastPollState<{ asked: number }>()?.asked ?? 0;
    if (steerable.status !== 'InService') {
      return pollAgain(`${text} to be set; it is ${steerable.status}`, pollSeconds, { asked });
    }
    const wrongVariant = findWrongVariant(steerable, needed);
    if (wrongVariant !== null) throw nonRetryableFailure('Drift', wrongVariant);
    if (!hasDesiredWeights(steerable, traffic, weights)) {
      // In the other topology nobody but the rollout says what the shares are.
      const others =
        asked === 0 && from !== undefined && traffic.topology === 'variants'
          ? findOtherShares(steerable, { traffic, weights: from })
          : null;
      if (others !== null) throw nonRetryableFailure('Drift', others);
      await router.setWeights(weights);
      const again = asked === 0 ? '' : ` (time ${asked + 1})`;
      return pollAgain(`${text} asked for${again}`, firstPollSeconds(pollSeconds), { asked: asked + 1 });
    }
    if (!hasSettled(steerable, needed)) return pollAgain(`${text} on its way`, pollSeconds, { asked });
    return steerable;
  };
}

const lost = new Set(['Failed', 'OutOfService']);
const gone = new Set(['Deleting', 'Missing']);

/** Weights and counts belong to a config and its variants: on another one they would mean something else. */
export function requireExpectedEndpoint(
  seen: EndpointObservation | null,
  traffic: ArmTraffic,
  needed: RoleArm[],
): EndpointObservation {
  if (seen === null)
    throw nonRetryableFailure('EndpointNotFound', `${describeEndpoints(traffic)} no longer exists`);
  if (lost.has(seen.status)) throw nonRetryableFailure('EndpointFailed', describeUnhealthy(seen, traffic));
  // Two configs serve, and weights would mean something else in each; another update ends it.
  if (seen.status === 'UpdateRollbackFailed')
    throw nonRetryableFailure('Drift', describeUnhealthy(seen, traffic));
  if (gone.has(seen.status)) throw nonRetryableFailure('EndpointNotFound', describeUnhealthy(seen, traffic));
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
