import type { Weights } from '../../plan/compiled/role.js';
import {
  armsNeeded,
  findWrongConfig,
  findWrongVariant,
  nameOf,
  sharesOf,
  type ArmOf,
} from '../endpoint/arms.js';
import { describeTrouble, findOtherShares } from '../drift/find-drift.js';
import { refusal } from '../temporal/failures.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { EndpointObservation } from '../interface/endpoint.js';
import type { Traffic } from '../interface/traffic.js';
import { createRouter } from './create-router.js';
import type { RouterDeps } from './router.js';
import { firstDelay, handedOn, watching } from '../temporal/polling.js';
import { isSameShare, isSettled } from '../endpoint/weights.js';

export function createTraffic(deps: RouterDeps, lookSeconds: number): Pick<RolloutActivities, 'setWeights'> {
  return {
    async setWeights({ traffic, weights, from }) {
      const router = createRouter(deps, traffic);
      const needed = armsNeeded(traffic, (role) => weights[role] > 0);
      const seen = await router.readWeights(needed);
      const steerable = requireSteerable(seen, traffic, needed);
      const text = `${nameOf(traffic)}: ${describeWeights(weights)}`;
      const asked = handedOn<{ asked: number }>()?.asked ?? 0;
      if (steerable.status !== 'InService') {
        return watching(`${text} to be set; it is ${steerable.status}`, lookSeconds, { asked });
      }
      const wrongVariant = findWrongVariant(steerable, needed);
      if (wrongVariant !== null) throw refusal('Drift', wrongVariant);
      if (!isWished(steerable, traffic, weights)) {
        // In the other topology nobody but the rollout says what the shares are.
        const others =
          asked === 0 && from !== undefined && traffic.topology === 'variants'
            ? findOtherShares(steerable, { traffic, weights: from })
            : null;
        if (others !== null) throw refusal('Drift', others);
        await router.setWeights(weights);
        const again = asked === 0 ? '' : ` (time ${asked + 1})`;
        return watching(`${text} asked for${again}`, firstDelay(lookSeconds), { asked: asked + 1 });
      }
      if (!isThere(steerable, needed)) return watching(`${text} on its way`, lookSeconds, { asked });
      return steerable;
    },
  };
}

const lost = new Set(['Failed', 'OutOfService']);
const gone = new Set(['Deleting', 'Missing']);

/** Weights and counts belong to a config and its variants: on another one they would mean something else. */
export function requireSteerable(
  seen: EndpointObservation | null,
  traffic: Traffic,
  needed: ArmOf[],
): EndpointObservation {
  if (seen === null) throw refusal('EndpointGone', `${nameOf(traffic)} no longer exists`);
  if (lost.has(seen.status)) throw refusal('EndpointFailed', describeTrouble(seen, traffic));
  // Two configs serve, and weights would mean something else in each; another update ends it.
  if (seen.status === 'UpdateRollbackFailed') throw refusal('Drift', describeTrouble(seen, traffic));
  if (gone.has(seen.status)) throw refusal('EndpointGone', describeTrouble(seen, traffic));
  const wrongConfig = findWrongConfig(seen, needed);
  if (wrongConfig !== null) throw refusal('Drift', wrongConfig);
  return seen;
}

function isWished(seen: EndpointObservation, traffic: Traffic, weights: Weights): boolean {
  const shares = sharesOf(seen, traffic, 'desiredWeight');
  return (
    shares !== null &&
    isSameShare(shares.baseline, weights.baseline) &&
    isSameShare(shares.candidate, weights.candidate)
  );
}

function isThere({ variants }: EndpointObservation, needed: ArmOf[]): boolean {
  const ours = new Set(needed.map(({ arm }) => arm.endpoint));
  return variants.filter(({ endpoint }) => ours.has(endpoint)).every(isSettled);
}

function describeWeights({ baseline, candidate }: Weights): string {
  return `baseline ${baseline} %, candidate ${candidate} %`;
}
