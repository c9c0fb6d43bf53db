import type { Control } from './control.js';
import type { Forward } from './forward.js';
import type { Memory } from './memory.js';
import type { Notices } from './notices.js';
import type { RolloutState } from './state.js';
import type { UndoStack } from './undo.js';
import type { UsedProofs } from './used-proofs.js';

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
