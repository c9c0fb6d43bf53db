import type { Control } from '../commands/control.js';
import type { Forward } from './forward-path.js';
import type { Memory } from '../temporal/checkpoints.js';
import type { Notices } from '../notifications/notifications.js';
import type { RolloutState } from '../state/state.js';
import type { UndoStack } from '../temporal/compensations.js';
import type { UsedProofs } from '../commands/used-proofs.js';

/** What every part of the runbook works with. */
export interface Rollout {
  state: RolloutState;
  control: Control;
  forward: Forward;
  notices: Notices;
  /** What must happen if the rollout is taken back, registered before what it undoes. */
  undo: UndoStack;
  /** What is done, and what a wait has noted: kept over the runs of one rollout. */
  memory: Memory;
  usedProofs: UsedProofs;
}
