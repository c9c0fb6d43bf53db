/** A rollout that continues as new at nearly every wait. */
import type { FakeActivities } from '../fake-activities.js';
import { withRollout, type SimulatedRollout } from '../harness.js';
import { shortRunsBundle } from './frequent-continue-as-new.js';

export function inShortRuns<T>(
  world: FakeActivities,
  test: (running: SimulatedRollout) => Promise<T>,
): Promise<T> {
  return withRollout(world, test, { bundle: shortRunsBundle() });
}
