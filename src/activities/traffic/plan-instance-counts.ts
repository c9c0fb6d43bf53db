/** Plans the changes that bring the arms to the desired instance counts. No I/O, no clock. */
import type { Role } from '../../plan/compiled/names.js';
import { armsOf, findArmVariant } from '../endpoint/arms.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { EndpointObservation } from '../interface/endpoint.js';
import type { ArmTraffic } from '../interface/traffic.js';

export type DesiredCounts = Parameters<RolloutActivities['setCounts']>[0]['counts'];

export interface CountChanges {
  /** Counts to request now. */
  toRequest: Partial<Record<Role, number>>;
  /** Messages about counts that were requested and are not effective yet. */
  inProgress: string[];
  /** Messages about counts that autoscaling or a person has set, and that stay. */
  skipped: string[];
}

export function findCountChanges(
  seen: EndpointObservation,
  traffic: ArmTraffic,
  desired: DesiredCounts,
): CountChanges {
  const changes: CountChanges = { toRequest: {}, inProgress: [], skipped: [] };
  for (const { role, arm } of armsOf(traffic)) {
    const target = desired[role];
    const variant = findArmVariant(seen, arm);
    if (target === null || variant === null) continue;
    const { currentCount, desiredCount } = variant;
    const count = 'atLeast' in target ? Math.max(target.atLeast, desiredCount) : target.exactly;
    if ('exactly' in target && desiredCount !== target.exactly && desiredCount !== target.whileAt) {
      changes.skipped.push(
        `${role} keeps its ${desiredCount} instances, because someone else has changed the count from ${target.whileAt}`,
      );
    } else if (desiredCount !== count) {
      changes.toRequest[role] = count;
    } else if ('atLeast' in target ? currentCount < target.atLeast : currentCount !== target.exactly) {
      changes.inProgress.push(`${role} has ${currentCount} of ${count} instances`);
    }
  }
  return changes;
}
