/** A rollout of a stored scenario in the simulation. */
import type { FakeActivities } from '../workflows/fake-activities.js';
import { withRollout, type SimulatedRollout } from '../workflows/harness.js';

export type { SimulatedRollout };

export function withSimulatedRollout<T>(
  world: FakeActivities,
  test: (running: SimulatedRollout) => Promise<T>,
  seed = 1,
): Promise<T> {
  return withRollout(world, test, { seed });
}
