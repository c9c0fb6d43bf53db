/** The face of a rollout in waves: signals, updates, queries and what they carry. Stable, as messages.ts is. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Outcome } from '../../plan/outcome.js';
import type { Command, CommandEntry } from '../messages.js';

/**
 * `releasing`: a wave is under way. `baking`: the pause between two waves. `settling`: no further wave begins, and not
 * every rollout has ended; its rollback window may be open. `rollingBack`: all are being taken back.
 */
export type WavesPhase = 'planning' | 'releasing' | 'baking' | 'finishing' | 'rollingBack' | 'ended';

/**
 * `waiting`: its wave has not begun (at the end: never did). `notStarted`: it could not be, for example because another
 * rollout of the endpoint is running. `rollbackWindow`: promoted, and can still be undone. `cutShort`: ended from outside,
 * without an outcome.
 */
export type ChildState = 'waiting' | 'notStarted' | 'running' | 'rollbackWindow' | 'ended' | 'terminated';

/** One endpoint's rollout, as the waves know it. Its own `status` query knows more. */
export interface WaveRollout {
  endpoint: string;
  workflowId: string;
  /** From 1. */
  wave: number;
  state: ChildState;
  outcome: Outcome | null;
  /** Empty where there is nothing to say yet. */
  reason: string;
  /** The model that serves all traffic at the end, where that is known. */
  serving: string | null;
}

export interface WavesStatus {
  name: string;
  strategy: string | null;
  phase: WavesPhase;
  outcome: Outcome | null;
  /** Why the phase or the outcome is what it is; one sentence. */
  reason: string;
  /** Wave n of m; n is 0 before the first. */
  wave: { n: number; of: number };
  paused: boolean;
  waitingFor: { what: string; until: string | null } | null;
  /** Rollouts that have ended other than promoted, and how many stop the waves. */
  failures: { n: number; stopAfter: number | null };
  rollouts: WaveRollout[];
  startedBy: string;
  /** ISO 8601, by Temporal's clock. */
  startedAt: string;
  phaseSince: string;
}

export type WavesEntry = { at: string; message: string } & (
  | { kind: 'phase'; phase: WavesPhase }
  | CommandEntry
  | { kind: 'rollout'; endpoint: string; state: ChildState; outcome: Outcome | null }
  | { kind: 'decision' }
);

/** What the workflow returns. */
export interface WavesResult {
  name: string;
  outcome: Outcome;
  reason: string;
  rollouts: WaveRollout[];
  /** Endpoints that stayed promoted although all were to be taken back: their rollback window was over. */
  notUndone: string[];
  startedAt: string;
  endedAt: string;
}

/** From a rollout to the waves that it is part of. */
export interface RollbackWindowReached {
  endpoint: string;
  phase: 'rollbackWindow';
}

export const rollbackWindowReachedSignal = defineSignal<[RollbackWindowReached]>('rollbackWindowReached');

export const abortWavesUpdate = defineUpdate<WavesStatus, [Command]>('abort');
export const pauseWavesUpdate = defineUpdate<WavesStatus, [Command]>('pause');
export const resumeWavesUpdate = defineUpdate<WavesStatus, [Command]>('resume');

export const wavesStatusQuery = defineQuery<WavesStatus>('status');
export const wavesTimelineQuery = defineQuery<WavesEntry[]>('timeline');

export const wavesWorkflowType = 'rolloutWaves';

/** `waves:<name in lower case>`. */
export function wavesWorkflowIdOf(name: string): string {
  return `waves:${name.toLowerCase()}`;
}
