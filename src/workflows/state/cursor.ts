/**
 * The place of a rollout in its runbook, since when, and what its wait knows so far. Plain JSON: continue-as-new passes
 * it on, and the next run resumes there. A rollback has no place in it: it ends within its time limit.
 */
import type { TrainedModel } from '../../activities/interface/results.js';
import type { WatchState } from '../../activities/interface/watch.js';
import type { Role } from '../../plan/compiled/names.js';
import type { RollbackWindow } from '../../plan/compiled/plan.js';
import type { Step } from '../../plan/compiled/step.js';
import type { RequiredKnowledge, WatchMode } from '../messages.js';

/** Times in milliseconds, workflow time. */
export interface Cursor {
  step: RunbookStep;
  /** When this part of the step began. */
  since: number;
  /** Null: no watch is running. */
  watch: WatchProgress | null;
  /** The windows of the last bake or guard. Null: none so far. */
  guarded: GuardedWindows | null;
  /** A pause or a freeze was waited for, and no check has followed yet. */
  isCheckDue: boolean;
  /** When the last check passed, or the last report had nothing unknown. Null: none so far. */
  checkedAt: number | null;
  /** Since when AWS has not carried out the present change. Null: no change is blocked. */
  blockedSince: number | null;
}

/** The knowledge of a watch. There is one watch at a time. Times in milliseconds, workflow time. */
export interface WatchProgress {
  mode: WatchMode;
  need: RequiredKnowledge;
  modeSince: number;
  /** The weights were verified then, and windows begin after it. */
  windowsSince: number;
  /** Since when something has been unknown. Null: nothing is. */
  heldSince: number | null;
  /** From the last round to the next one. Null before the first. */
  continued: WatchState | null;
}

/**
 * A guard continues with the windows of the bake or guard before it, if the weights are the same. Else a window that is
 * longer than each of many short guards would never be judged, nor one in which a person ended the bake.
 */
export interface GuardedWindows {
  /** The stage of the weights: `weightChanges`. */
  stage: number;
  /** Milliseconds, workflow time. */
  since: number;
  guardrails: WatchState['guardrails'];
}

/** A step of the runbook, and the part of it that the rollout has reached. */
export type RunbookStep =
  | { kind: 'plan' }
  | { kind: 'preflight' }
  | ModelsStep
  | PlannedStep
  | PromotionStep
  | RollbackWindowStep
  | RetirementStep;

export interface ModelsStep {
  kind: 'models';
  part: 'before' | 'training' | 'trained' | 'registering';
  artefacts: Partial<Record<Role, TrainedModel>>;
}

/** A step of the compiled plan. */
export type PlannedStep =
  DeployStep | GateStep | BakeStep | ExperimentStep | Planned<'validate'> | Planned<'setWeights'>;

type Planned<K extends Step['kind'], Progress = unknown> = Extract<Step, { kind: K }> & {
  index: number;
} & Progress;

/** `replaces`: the config that this deployment may replace. Null: none, or not known before the deployment begins. */
export type DeployStep = Planned<'deploy', { part: 'before' | 'deploying'; replaces: string | null }>;
export type GateStep = Planned<'gate', { part: 'before' | 'closed' | 'open' }>;
export type BakeStep = Planned<'bake', { part: 'before' | 'watching' | 'passed' }>;

/** `watch`: of the tested split, while the next split is chosen. */
export type ExperimentStep = Planned<
  'experiment',
  { part: 'before' | 'testing' | 'adapting' | 'won'; began: number; watch: WatchProgress | null }
>;

export interface PromotionStep {
  kind: 'promotion';
  part: 'shifting' | 'checking';
}

/** `overdue`: its time is over and something is unknown. `seconds`: 0 if it is open again after its time. */
export interface RollbackWindowStep extends RollbackWindow {
  kind: 'rollbackWindow';
  part: 'before' | 'open' | 'overdue' | 'closing';
}

/** `count`: instances in the config of the candidate alone, as last deployed. Null: not deployed yet. */
export interface RetirementStep {
  kind: 'retirement';
  count: number | null;
}

export function cursorAtStart(nowMs: number): Cursor {
  return {
    step: { kind: 'plan' },
    since: nowMs,
    watch: null,
    guarded: null,
    isCheckDue: false,
    checkedAt: null,
    blockedSince: null,
  };
}

export function plannedStep(step: Step, index: number, nowMs: number): PlannedStep {
  switch (step.kind) {
    case 'deploy':
      return { ...step, index, part: 'before', replaces: null };
    case 'gate':
    case 'bake':
      return { ...step, index, part: 'before' };
    case 'experiment':
      return { ...step, index, part: 'before', began: nowMs, watch: null };
    case 'validate':
    case 'setWeights':
      return { ...step, index };
  }
}
