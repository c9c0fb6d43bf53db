import type { Control } from '../commands/control.js';
import type { ForwardPath } from './forward-path.js';
import type { Checkpoints } from '../temporal/checkpoints.js';
import type { Notifications } from '../notifications/notifications.js';
import type { RolloutState } from '../state/state.js';
import type { Compensations } from '../temporal/compensations.js';
import type { ProofReplayGuard } from '../commands/used-proofs.js';

/** What every part of the runbook works with. */
export interface RolloutContext {
  state: RolloutState;
  control: Control;
  forward: ForwardPath;
  notifications: Notifications;
  /** What must happen if the rollout is taken back, registered before what it undoes. */
  undo: Compensations;
  /** What is done, and what a wait has noted: kept over the runs of one rollout. */
  memory: Checkpoints;
  usedProofs: ProofReplayGuard;
}
