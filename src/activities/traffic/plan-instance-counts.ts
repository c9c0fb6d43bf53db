/** What has to change so that the arms have the instances that are wished for. No I/O, no clock. */
import type { Role } from '../../plan/compiled/names.js';
import { armsOf, findArmVariant } from '../endpoint/arms.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { EndpointObservation } from '../interface/endpoint.js';
import type { ArmTraffic } from '../interface/traffic.js';

export type DesiredCounts = Parameters<RolloutActivities['setCounts']>[0]['counts'];

export interface CountChanges {
  /** To be asked for. */
  ask: Partial<Record<Role, number>>;
  /** Asked for and not there yet, in words. */
  inProgress: string[];
  /** Left as autoscaling or a person has set it, in words. */
  skipped: string[];
}

export function findCountChanges(
  seen: EndpointObservation,
  traffic: ArmTraffic,
  wishes: DesiredCounts,
): CountChanges {
  const changes: CountChanges = { ask: {}, inProgress: [], skipped: [] };
  for (const { role, arm } of armsOf(traffic)) {
    const wish = wishes[role];
    const variant = findArmVariant(seen, arm);
    if (wish === null || variant === null) continue;
    const { currentCount, desiredCount } = variant;
    const wanted = 'atLeast' in wish ? Math.max(wish.atLeast, desiredCount) : wish.exactly;
    if ('exactly' in wish && desiredCount !== wish.exactly && desiredCount !== wish.whileAt) {
      changes.skipped.push(
        `${role} keeps its ${desiredCount} instances, for someone else has changed them from ${wish.whileAt}`,
      );
    } else if (desiredCount !== wanted) {
      changes.ask[role] = wanted;
    } else if ('atLeast' in wish ? currentCount < wish.atLeast : currentCount !== wish.exactly) {
      changes.inProgress.push(`${role} has ${currentCount} of ${wanted} instances`);
    }
  }
  return changes;
}
