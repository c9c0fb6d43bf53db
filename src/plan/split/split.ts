/**
 * The current split of the users of one endpoint. The rollout publishes it in its memo, and every switch follows it.
 * Plain JSON; no I/O, no clock.
 */
import type { Role } from '../compiled/names.js';

/** Key of the workflow memo with the split. Clients can read the memo while no worker runs. */
export const splitMemoKey = 'RolloutSplit';

/** Target of one arm's requests. `variant: null`: the endpoint has only one variant. */
export interface SplitTarget {
  endpoint: string;
  variant: string | null;
}

export interface Split {
  /** Increased when an older switch would misread the split. */
  format: 1;
  /** The name that clients use. */
  endpoint: string;
  rolloutId: string;
  /** Increases with every change within a rollout, so the split with the higher number is newer. */
  sequence: number;
  /** ISO 8601, Temporal's clock. */
  since: string;
  /** Name and version of the hash for buckets. Neither the hash nor the seed changes within a rollout. */
  bucketing: 'fnv1a32x2/10000';
  seed: string;
  /** Null: this arm gets no requests and may not exist. At least one target is not null. */
  targets: Record<Role, SplitTarget | null>;
  /** Percent of the users that the candidate serves, 0 to 100. */
  candidateShare: number;
}
