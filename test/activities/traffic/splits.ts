import type { Split } from '../../../src/plan/split/split.js';
import { rolloutId } from '../endpoint/arms.js';

/** The published split between the endpoint `digits` and the candidate's own endpoint. */
export function splitAt(candidateShare: number, changes: Partial<Split> = {}): Split {
  return {
    format: 1,
    endpoint: 'digits',
    rolloutId,
    sequence: 1,
    since: '2026-11-02T12:00:00Z',
    bucketing: 'fnv1a32x2/10000',
    seed: rolloutId,
    targets: {
      baseline: { endpoint: 'digits', variant: null },
      candidate: { endpoint: rolloutId, variant: null },
    },
    candidateShare,
    ...changes,
  };
}
