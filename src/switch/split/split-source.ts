import type { Split } from '../../plan/split/split.js';

/** Source of the splits. The switch reads the split of each endpoint every second. */
export interface SplitSource {
  /** The split that a rollout last published for the endpoint, or null. Rejects if the source is unavailable. */
  read(endpoint: string): Promise<Split | null>;
}
