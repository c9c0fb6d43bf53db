/** Waits of tests in simulated time. */
import type { SimulatedTemporal } from '../../src/simulation/temporal/simulated-temporal.js';

/** A workflow can poll without end for something that never happens. */
const maxMoments = 20_000;

/**
 * Lets simulated time pass until the answer is as wanted; null if it never is. Asks between moments: everything that is
 * due has run.
 */
export async function untilAnswer<T>(
  temporal: SimulatedTemporal,
  ask: () => T | Promise<T>,
  isReached: (answer: T) => boolean,
): Promise<T | null> {
  for (let moments = 0; moments < maxMoments; moments++) {
    await temporal.settle();
    const answer = await ask();
    if (isReached(answer)) return answer;
    if (!(await temporal.skipToNext())) break;
  }
  return null;
}
