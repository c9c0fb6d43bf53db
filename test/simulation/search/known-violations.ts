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

const staleRead =
  'a read that is older than the accepted update counts as a reverted update, and the baseline as verified while the update continues';
const unwatchedGate =
  'a gate before the first traffic watches neither drift nor alarms, and someone else gave the candidate users';

export const knownViolations: KnownViolation[] = [
  { seed: 10, invariant: 'onlyTheWinnerServes', cause: staleRead },
  { seed: 10, invariant: 'transientFailuresEndNothing', cause: staleRead },
  { seed: 16, invariant: 'onlyTheWinnerServes', cause: staleRead },
  {
    seed: 28,
    invariant: 'rollbackSucceeds',
    cause: 'the limit of a rollback passes while no worker is up, and the next worker makes no attempt',
  },
  { seed: 29, invariant: 'firingAlarmIsActedOn', cause: unwatchedGate },
  { seed: 107, invariant: 'firingAlarmIsActedOn', cause: unwatchedGate },
  { seed: 119, invariant: 'onlyTheWinnerServes', cause: staleRead },
  { seed: 174, invariant: 'onlyTheWinnerServes', cause: staleRead },
  { seed: 259, invariant: 'onlyTheWinnerServes', cause: staleRead },
  { seed: 295, invariant: 'transientFailuresEndNothing', cause: staleRead },
];
