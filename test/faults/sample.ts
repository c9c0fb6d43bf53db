/** How many of the possible faults a run meets: all under PENSTOCK_FAULTS=whole, else a few that a printed seed draws. */
import fc from 'fast-check';
import { isWhole, seed } from './seed.js';

/** In their order. */
export function sampleFaults<T>(all: readonly T[], number: number, about: string): Set<T> {
  if (isWhole) return new Set(all);
  const some = fc.subarray([...all], { minLength: number, maxLength: number });
  const [drawn = []] = fc.sample(fc.noBias(some), { seed, numRuns: 1 });
  console.log(`      ${about}: ${drawn.join(', ')} (PENSTOCK_SEED=${seed})`);
  return new Set(drawn);
}
