import { log } from '@temporalio/activity';
import { armsNeeded, findWrongVariant, nameOf } from '../endpoint/arms.js';
import { type CountChanges, type CountWishes, findCountChanges } from './plan-instance-counts.js';
import { refusal } from '../temporal/failures.js';
import type { RolloutActivities } from '../interface/activities.js';
import { requireSteerable } from './set-weights.js';
import { createRouter } from './create-router.js';
import type { RouterDeps } from './router.js';
import { firstDelay, handedOn, watching } from '../temporal/polling.js';

/** Instances are asked for where they are wished for and nobody else has changed them; autoscaling is never fought. */
export function createCounts(deps: RouterDeps, lookSeconds: number): Pick<RolloutActivities, 'setCounts'> {
  return {
    async setCounts({ traffic, counts }) {
      const router = createRouter(deps, traffic);
      const needed = armsNeeded(traffic, (role) => counts[role] !== null);
      const seen = requireSteerable(await router.readWeights(needed), traffic, needed);
      const name = nameOf(traffic);
      const asked = handedOn<{ asked: number }>()?.asked ?? 0;
      const wrongVariant = findWrongVariant(seen, needed);
      const changes = findCountChanges(seen, traffic, counts);
      if (seen.status !== 'InService') {
        if (asked === 0 && wrongVariant === null && isEnough(changes, counts)) return seen;
        return watching(`${name}: instances to be changed; it is ${seen.status}`, lookSeconds, { asked });
      }
      if (wrongVariant !== null) throw refusal('Drift', wrongVariant);
      const { ask, underWay, left } = changes;
      const asking = Object.entries(ask).map(([role, count]) => `${role} to ${count} instances`);
      if (asking.length > 0) {
        await router.setCounts(ask);
        const why = asked > 0 && seen.failureReason ? ` again, after: ${seen.failureReason}` : '';
        return watching(`${name}: ${asking.join(', ')} asked for${why}`, firstDelay(lookSeconds), {
          asked: asked + 1,
        });
      }
      if (underWay.length > 0) return watching(`${name}: ${underWay.join(', ')}`, lookSeconds, { asked });
      if (left.length > 0) log.warn(`${name}: ${left.join(', ')}`);
      return seen;
    },
  };
}

/** Whatever else is under way: who only wants no fewer may be on the way back, and need not wait for it. */
function isEnough({ ask, underWay }: CountChanges, counts: CountWishes): boolean {
  const onlyLeast = Object.values(counts).every((wish) => wish === null || 'atLeast' in wish);
  return onlyLeast && Object.keys(ask).length === 0 && underWay.length === 0;
}
