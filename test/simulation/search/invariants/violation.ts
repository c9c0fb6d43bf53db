import type { Record } from '../play/record.js';

export interface Violation {
  atMs: number;
  /** One sentence. */
  message: string;
}

/** Finds the violations in the evidence, never in what Penstock says about itself, unless the promise is about that. */
export type Invariant = (record: Record) => Violation[];
