import type { Split } from '../../plan/split/split.js';

/** Where splits are read; the switch asks about each endpoint every second. */
export interface SplitSource {
  /** What a rollout last published about the endpoint, null where there is nothing. Rejects where nobody answers. */
  read(endpoint: string): Promise<Split | null>;
}
