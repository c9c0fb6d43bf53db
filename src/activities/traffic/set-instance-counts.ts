import { log } from '@temporalio/activity';
import { requiredArms, findWrongVariant, describeEndpoints } from '../endpoint/arms.js';
import { type CountChanges, type DesiredCounts, findCountChanges } from './plan-instance-counts.js';
import { nonRetryableFailure } from '../temporal/failures.js';
import type { RolloutActivities } from '../interface/activities.js';
import { requireExpectedEndpoint } from './set-weights.js';
import { createRouter } from './create-router.js';
import type { RouterDeps } from './router.js';
import { firstPollSeconds, lastPollState, pollAgain } from '../temporal/polling.js';

/** Number of requests so far. Attempts pass it on. */
interface CountState {
  requests: number;
}

/** Requests instances only if no one else has changed the count, so that it never works against autoscaling. */
export function createSetCounts(deps: RouterDeps, pollSeconds: number): RolloutActivities['setCounts'] {
  return async ({ traffic, counts }) => {
    const router = createRouter(deps, traffic);
    const needed = requiredArms(traffic, (role) => counts[role] !== null);
    const seen = requireExpectedEndpoint(await router.readWeights(needed), traffic, needed);
    const name = describeEndpoints(traffic);
    const requests = lastPollState<CountState>()?.requests ?? 0;
    const wrongVariant = findWrongVariant(seen, needed, traffic);
    const changes = findCountChanges(seen, traffic, counts);
    if (seen.status !== 'InService') {
      if (requests === 0 && wrongVariant === null && isEnough(changes, counts)) return seen;
      const message = `${name}: waiting to change instance counts, its status is ${seen.status}`;
      return pollAgain(message, pollSeconds, { requests } satisfies CountState);
    }
    if (wrongVariant !== null) throw nonRetryableFailure('Drift', wrongVariant);
    const { toRequest, inProgress, skipped } = changes;
    const requested = Object.entries(toRequest).map(([role, count]) => `${count} instances for ${role}`);
    if (requested.length > 0) {
      await router.setCounts(toRequest);
      const again = requests > 0 && seen.failureReason ? ` again after: ${seen.failureReason}` : '';
      const message = `${name}: requested ${requested.join(', ')}${again}`;
      const state: CountState = { requests: requests + 1 };
      return pollAgain(message, firstPollSeconds(pollSeconds), state);
    }
    if (inProgress.length > 0)
      return pollAgain(`${name}: ${inProgress.join(', ')}`, pollSeconds, { requests } satisfies CountState);
    if (skipped.length > 0) log.warn(`${name}: ${skipped.join(', ')}`);
    return seen;
  };
}

/**
 * A rollback may only need a minimum of instances. It need not wait for another change in progress if it has
 * them.
 */
function isEnough({ toRequest, inProgress }: CountChanges, counts: DesiredCounts): boolean {
  const onlyMinimums = Object.values(counts).every((target) => target === null || 'atLeast' in target);
  return onlyMinimums && Object.keys(toRequest).length === 0 && inProgress.length === 0;
}
