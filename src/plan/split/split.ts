/**
 * How the requests to one endpoint are divided between users right now: published by the rollout in its memo, followed by
 * every switch. Plain JSON; no I/O, no clock.
 */
import type { Role } from '../compiled/names.js';

/** Key of the workflow memo that holds the split; it can be read while no worker runs. */
export const splitMemoKey = 'RolloutSplit';

/** Where one arm's requests go. `variant: null`: the endpoint has one variant, so none is named. */
export interface SplitTarget {
  endpoint: string;
  variant: string | null;
}

export interface Split {
  /** Raised when an older switch would misread it. */
  format: 1;
  /** The name that clients use. */
  endpoint: string;
  rolloutId: string;
  /** Rises with every change within a rollout: of two splits of one rollout the higher is the newer. */
  sequence: number;
  /** ISO 8601, Temporal's clock. */
  since: string;
  /** Which hash puts users into buckets, by name and version; it never changes within a rollout, nor does the seed. */
  bucketing: 'fnv1a32x2/10000';
  seed: string;
  /** Null: this arm gets no requests, and may not exist. One of the two is always there. */
  targets: Record<Role, SplitTarget | null>;
  /** Percent of users who get the candidate, 0 to 100. */
  candidateShare: number;
}
