/** Selects the faults of a run: all with PENSTOCK_FAULTS=whole, otherwise a random sample with a printed seed. */
import fc from 'fast-check';
import { isWhole, seed } from './seed.js';

/** The sample keeps the order of `all`. */
export function sampleFaults<T>(all: readonly T[], number: number, about: string): Set<T> {
  if (isWhole) return new Set(all);
  const some = fc.subarray([...all], { minLength: number, maxLength: number });
  const [drawn = []] = fc.sample(fc.noBias(some), { seed, numRuns: 1 });
  console.log(`      ${about}: ${drawn.join(', ')} (PENSTOCK_SEED=${seed})`);
  return new Set(drawn);
}
