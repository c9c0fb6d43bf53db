import type { Split } from '../../../src/plan/split/split.js';

/** Two variants of endpoint `shop`, half of the users each. */
export function splitOf(change: Partial<Split> = {}): Split {
  return {
    format: 1,
    endpoint: 'shop',
    rolloutId: 'shop-0a1b2c3d',
    sequence: 1,
    since: '2026-11-23T12:00:00.000Z',
    bucketing: 'fnv1a32x2/10000',
    seed: 'shop-0a1b2c3d',
    targets: {
      baseline: { endpoint: 'shop', variant: 'shop-a' },
      candidate: { endpoint: 'shop', variant: 'shop-b' },
    },
    candidateShare: 50,
    ...change,
  };
}

/** Two endpoints of one variant each. */
export const twoEndpoints: Split['targets'] = {
  baseline: { endpoint: 'shop', variant: null },
  candidate: { endpoint: 'shop-next', variant: null },
};
