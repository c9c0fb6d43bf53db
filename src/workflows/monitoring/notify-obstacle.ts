/** Notifies operators of an obstacle. The hold in the status and in the timeline says whether the rollout holds now. */
import type { RolloutContext } from '../run/context.js';
import { type ObstacleId, recordFailure } from '../state/obstacles.js';

/**
 * Sends `hold` once, then `page` while the failure recurs. `beganMs`: when the failed attempt began. `isOver`: the rollout
 * continues without success, and an operator has to finish the work.
 */
export function notifyObstacle(
  { state, notifications }: Pick<RolloutContext, 'state' | 'notifications'>,
  id: ObstacleId,
  { message, beganMs, isOver = false }: { message: string; beganMs: number; isOver?: boolean },
): void {
  const times = { beganMs, nowMs: Date.now() };
  const { obstacles, isNew, isPageDue } = recordFailure(state.obstacles, id, times);
  state.obstacles = obstacles;
  if (isNew) notifications.send('hold', message);
  if (isPageDue || isOver) notifications.send('page', message);
}
