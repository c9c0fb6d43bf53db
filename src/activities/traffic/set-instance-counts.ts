import { log } from '@temporalio/activity';
import { requiredArms, findWrongVariant, describeEndpoints } from '../endpoint/arms.js';
import { type CountChanges, type DesiredCounts, findCountChanges } from './plan-instance-counts.js';
import { nonRetryableFailure } from '../temporal/failures.js';
import type { RolloutActivities } from '../interface/activities.js';
import { requireExpectedEndpoint } from './set-weights.js';
import { createRouter } from './create-router.js';
import type { RouterDeps } from './router.js';
import { firstPollSeconds, lastPollState, pollAgain } from '../temporal/polling.js';

/** Instances are asked for where they are wished for and nobody else has changed them; autoscaling is never fought. */
export function createSetCounts(deps: RouterDeps, pollSeconds: number): RolloutActivities['setCounts'] {
  return async ({ traffic, counts }) => {
    const router = createRouter(deps, traffic);
    const needed = requiredArms(traffic, (role) => counts[role] !== null);
    const seen = requireExpectedEndpoint(await router.readWeights(needed), traffic, needed);
    const name = describeEndpoints(traffic);
    const asked = lastPollState<{ asked: number }>()?.asked ?? 0;
    const wrongVariant = findWrongVariant(seen, needed);
    const changes = findCountChanges(seen, traffic, counts);
    if (seen.status !== 'InService') {
      if (asked === 0 && wrongVariant === null && isEnough(changes, counts)) return seen;
      return pollAgain(`${name}: instances to be changed; it is ${seen.status}`, pollSeconds, { asked });
    }
    if (wrongVariant !== null) throw nonRetryableFailure('Drift', wrongVariant);
    const { ask, inProgress, skipped } = changes;
    const asking = Object.entries(ask).map(([role, count]) => `${role} to ${count} instances`);
    if (asking.length > 0) {
      await router.setCounts(ask);
      const why = asked > 0 && seen.failureReason ? ` again, after: ${seen.failureReason}` : '';
      return pollAgain(`${name}: ${asking.join(', ')} asked for${why}`, firstPollSeconds(pollSeconds), {
        asked: asked + 1,
      });
    }
    if (inProgress.length > 0) return pollAgain(`${name}: ${inProgress.join(', ')}`, pollSeconds, { asked });
    if (skipped.length > 0) log.warn(`${name}: ${skipped.join(', ')}`);
    return seen;
  };
}

/** Whatever else is under way: who only wants no fewer may be on the way back, and need not wait for it. */
function isEnough({ ask, inProgress }: CountChanges, counts: DesiredCounts): boolean {
  const onlyLeast = Object.values(counts).every((wish) => wish === null || 'atLeast' in wish);
  return onlyLeast && Object.keys(ask).length === 0 && inProgress.length === 0;
}
