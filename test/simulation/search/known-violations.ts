/**
 * Seeds of the suite in which today's rollouts break an invariant, each with its cause. An entry that no longer reproduces
 * fails the suite: remove it with the change that fixes it.
 */
import type { InvariantName } from './invariants/all.js';

export interface KnownViolation {
  seed: number;
  invariant: InvariantName;
  /** One clause. */
  cause: string;
}

export const knownViolations: KnownViolation[] = [];
