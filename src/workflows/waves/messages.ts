/** Public interface of waves: signals, updates, queries and their data. Stable, as messages.ts is. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Outcome } from '../../plan/outcome.js';
import type { Command, CommandEntry } from '../messages.js';

/**
 * - `releasing`: a wave is in progress.
 * - `baking`: the pause between two waves.
 * - `finishing`: no further wave begins, and some rollouts still run; their rollback windows may be open.
 * - `rollingBack`: all rollouts roll back.
 */
export type WavesPhase = 'planning' | 'releasing' | 'baking' | 'finishing' | 'rollingBack' | 'ended';

/**
 * - `waiting`: its wave has not begun.
 * - `notStarted`: it could not start, for example because another rollout of the endpoint is running.
 * - `rollbackWindow`: promoted, and can still be undone.
 * - `terminated`: the rollout's workflow ended without an outcome.
 */
export type ChildState = 'waiting' | 'notStarted' | 'running' | 'rollbackWindow' | 'ended' | 'terminated';

/** The rollout of one endpoint. Its own `status` query returns more. */
export interface WaveRollout {
  endpoint: string;
  workflowId: string;
  /** From 1. */
  wave: number;
  state: ChildState;
  outcome: Outcome | null;
  /** Empty before the end. */
  reason: string;
  /** The model that serves all traffic at the end; null if unknown. */
  serving: string | null;
}

export interface WavesStatus {
  name: string;
  strategy: string | null;
  phase: WavesPhase;
  outcome: Outcome | null;
  /** One sentence: the reason of the phase or of the outcome. */
  reason: string;
  /** Wave n of m; n is 0 before the first. */
  wave: { n: number; of: number };
  paused: boolean;
  waitingFor: { what: string; until: string | null } | null;
  /** `n`: rollouts that failed. `stopAfter`: number of failures that stops the waves. */
  failures: { n: number; stopAfter: number | null };
  /** ARN of the model package version that every rollout gets; null if the spec names the candidate. */
  version: string | null;
  rollouts: WaveRollout[];
  startedBy: string;
  /** ISO 8601, workflow time. */
  startedAt: string;
  phaseSince: string;
}

export type WavesEntry = { at: string; message: string } & (
  | { kind: 'phase'; phase: WavesPhase }
  | CommandEntry
  | { kind: 'rollout'; endpoint: string; state: ChildState; outcome: Outcome | null }
  | { kind: 'decision' }
);

/** Result of the workflow. */
export interface WavesResult {
  name: string;
  outcome: Outcome;
  reason: string;
  rollouts: WaveRollout[];
  /** Endpoints that stay promoted although all were to be undone: their rollback window was over. */
  notUndone: string[];
  startedAt: string;
  endedAt: string;
}

/** Signal from a rollout to its parent waves. */
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
