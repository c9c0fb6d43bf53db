/**
 * Public interface of a rollout: signals, updates, queries and their data. Stable: pipelines, the CLI and the Web UI
 * rely on these names.
 */
import { ApplicationFailure, defineSearchAttributeKey } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { EndpointObservation } from '../activities/interface/endpoint.js';
import type { VariantStats, WatchReport } from '../activities/interface/watch.js';
import type { Verdict } from '../analysis/verdicts/verdict.js';
import type { Outcome, Phase } from '../plan/outcome.js';
import type { Gate } from '../plan/compiled/gate.js';
import type { Plan } from '../plan/compiled/plan.js';
import type { Role } from '../plan/compiled/names.js';

export interface Command {
  actor: string;
  reason: string;
  /** The actor's signature over this command, as a compact JWS (docs/security.md). */
  proof?: string;
  /** ISO 8601. After this time, by workflow time, the command is rejected. Absent: it does not expire. */
  expires?: string;
}

export interface PromoteCommand extends Command {
  /** Skip the remaining steps; the guardrails keep their veto. */
  full?: boolean;
}

/**
 * `verified`: the actor signed the command with a key that the worker knows. `unverified`: the client chose the actor's
 * name, and anyone with write access to Temporal can choose any name (docs/security.md).
 */
export type Identity = 'verified' | 'unverified';

/** Commands that do not wait for the check of their proof. The timeline gets its result later. */
export const urgentCommands: ReadonlySet<string> = new Set(['abort', 'undo', 'pause']);

export interface AlarmSignal {
  name: string;
  state: string;
  reason: string;
}

/** Progress of one training job. */
export interface JobStatus {
  role: Role;
  jobName: string;
  state: 'waiting' | 'running' | 'done' | 'failed' | 'stopped';
  message: string;
}

/** Desired and last observed state of a variant. Weights in percent; null: unknown. */
export interface VariantStatus {
  role: Role;
  name: string;
  modelName: string | null;
  /** ARN of its model package version; null if it has none, or if it is not chosen or registered yet. */
  version: string | null;
  setWeight: number | null;
  actualWeight: number | null;
  count: number | null;
  requests: number | null;
  errors: number | null;
  p99Ms: number | null;
}

/** The gate that the rollout waits at. */
export interface GateStatus {
  id: string;
  kind: Gate['kind'];
  /** One sentence that says what the gate waits for. */
  message: string;
  /** Actors who have approved so far. */
  approvals: string[];
  /** How many different people must approve; null if it is no approval gate. */
  people: number | null;
}

/**
 * Why a rollout is held.
 * - `unknown`: a guardrail or a goal cannot be judged.
 * - `drift`: someone else changed the endpoint.
 * - `inconclusive`: the maximum time of an experiment is over, and its goals are undecided.
 * - `blocked`: AWS does not carry out a change, and the workflow repeats it.
 * - `rollbackUnverified`: the rollback is not verified yet, and the workflow retries it.
 * - `tidying`: the promotion is verified, and a change after it failed.
 */
export type HoldReason = 'unknown' | 'drift' | 'inconclusive' | 'blocked' | 'rollbackUnverified' | 'tidying';

export interface Hold {
  reason: HoldReason;
  /** For people. */
  message: string;
}

/**
 * The present task of the rollout's watch.
 * - `baking`: watches one share of the traffic.
 * - `overdue`: the windows of a bake, or of the rollback window, should be known by now, and some are not.
 * - `guarding`: watches beside a wait or a change: gate, pause, freeze, rollback window, deployment.
 * - `lastCheck`: checks once, right before a change.
 */
export type WatchMode = 'baking' | 'overdue' | 'guarding' | 'lastCheck';

/**
 * `allKnown`: an unknown verdict is a reason to hold. `allRead`: only a guardrail that cannot be read is one, because a
 * candidate without users has no data. `noAlarmFiring`: neither is.
 */
export type RequiredKnowledge = 'allKnown' | 'allRead' | 'noAlarmFiring';

/** `since`: when the mode began; ISO 8601, workflow time. */
export interface WatchStatus {
  mode: WatchMode;
  need: RequiredKnowledge;
  since: string;
}

export interface RolloutStatus {
  rolloutId: string | null;
  endpoint: string;
  strategy: string | null;
  phase: Phase;
  outcome: Outcome | null;
  /** One sentence: the reason of the phase or of the outcome. */
  reason: string;
  /** Stage n of m; n is 0 before the first. */
  step: { n: number; of: number };
  paused: boolean;
  gate: GateStatus | null;
  /** Set while the rollout does not advance, for one of the reasons of `HoldReason`. */
  hold: Hold | null;
  waitingFor: { what: string; until: string | null } | null;
  /** Null while the rollout watches nothing: before the candidate is deployed, and during a rollback. */
  watch: WatchStatus | null;
  /** Findings of the preflight that stop nothing and that people should know. */
  warnings: string[];
  jobs: JobStatus[];
  variants: VariantStatus[];
  verdicts: Verdict[];
  observation: EndpointObservation | null;
  startedBy: string;
  startedAt: string;
  /** Start of the phase: ISO 8601, workflow time. */
  phaseSince: string;
}

/** A command in the timeline, accepted or rejected. */
export interface CommandEntry {
  kind: 'command';
  command: string;
  actor: string;
  identity: Identity;
  reason: string;
  accepted: boolean;
}

export type TimelineEntry = { at: string; message: string } & (
  | { kind: 'phase'; phase: Phase }
  | CommandEntry
  | { kind: 'alarm'; name: string; state: string }
  | { kind: 'weights'; weights: Record<string, number> }
  | { kind: 'verdict'; report: WatchReport['kind']; verdicts: Verdict[] }
  /** Something that people should know and that stops nothing. */
  | { kind: 'warning' }
  /** `outcome` and `reason`: set only on the entry that ends the rollout. */
  | { kind: 'decision'; outcome?: Outcome; reason?: string }
  /** Always the first entry. `omitted`: number of entries that were dropped because the timeline was too long. */
  | { kind: 'truncated'; omitted: number }
);

/** Result of the workflow. If its outcome is `rollbackFailed`, it is in the failure of the workflow (`resultInFailure`). */
export interface RolloutResult {
  rolloutId: string | null;
  endpoint: string;
  outcome: Outcome;
  reason: string;
  /** The model that serves all traffic at the end; null if unknown. */
  serving: string | null;
  /** ARN of the candidate's model package version; null if it has none. */
  version: string | null;
  /** Names of objects that the rollout made and could not delete, and of records that it could not write. */
  leftovers: string[];
  /** Names of the owner's objects that the promotion has replaced. Nothing uses them any more, and the rollout keeps them. */
  unused: string[];
  startedAt: string;
  endedAt: string;
}

/** Type of the failure of a rollout that needs a person: Temporal shows it as Failed, and its first detail is the result. */
export const rollbackFailedType = 'RollbackFailed';

/** Null: the workflow failed for another reason. */
export function resultInFailure(failure: unknown): RolloutResult | null {
  if (!(failure instanceof ApplicationFailure) || failure.type !== rollbackFailedType) return null;
  const [result] = failure.details ?? [];
  return (result as RolloutResult | undefined) ?? null;
}

/** The compiled plan and when the rollout ends if nothing holds it: ISO 8601. Null: a hold has no time limit. */
export type PlannedRollout = Plan & { earliestEnd: string; latestEnd: string | null };

export const promoteSignal = defineSignal<[PromoteCommand]>('promote');
export const abortSignal = defineSignal<[Command]>('abort');
export const pauseSignal = defineSignal<[Command]>('pause');
export const resumeSignal = defineSignal<[Command]>('resume');
export const approveSignal = defineSignal<[Command]>('approve');
export const retrySignal = defineSignal<[Command]>('retry');
export const undoSignal = defineSignal<[Command]>('undo');
export const alarmSignal = defineSignal<[AlarmSignal]>('alarm');

export const promoteUpdate = defineUpdate<RolloutStatus, [PromoteCommand]>('promote');
export const abortUpdate = defineUpdate<RolloutStatus, [Command]>('abort');
export const pauseUpdate = defineUpdate<RolloutStatus, [Command]>('pause');
export const resumeUpdate = defineUpdate<RolloutStatus, [Command]>('resume');
export const approveUpdate = defineUpdate<RolloutStatus, [Command]>('approve');
export const retryUpdate = defineUpdate<RolloutStatus, [Command]>('retry');
export const undoUpdate = defineUpdate<RolloutStatus, [Command]>('undo');

export const statusQuery = defineQuery<RolloutStatus>('status');
export const planQuery = defineQuery<PlannedRollout | null>('plan');
export const timelineQuery = defineQuery<TimelineEntry[]>('timeline');

export const attributes = {
  endpoint: defineSearchAttributeKey('RolloutEndpoint', 'KEYWORD'),
  strategy: defineSearchAttributeKey('RolloutStrategy', 'KEYWORD'),
  phase: defineSearchAttributeKey('RolloutPhase', 'KEYWORD'),
  outcome: defineSearchAttributeKey('RolloutOutcome', 'KEYWORD'),
  candidateWeight: defineSearchAttributeKey('RolloutCandidateWeight', 'DOUBLE'),
};

export const workflowType = 'rollout';
/** The default of workers and of clients. */
export const taskQueue = 'penstock';

/**
 * Bytes of JSON in UTF-8. Above the limits of a spec file and its golden file together (docs/spec.md). Temporal rejects
 * an argument above 2 MB: https://docs.temporal.io/self-hosted-guide/defaults
 */
export const maxSpecBytes = 1_600_000;

/** `rollout:<endpoint name in lower case>`: at most one running rollout per endpoint. */
export function workflowIdOf(endpoint: string): string {
  return `rollout:${endpoint.toLowerCase()}`;
}

export type { VariantStats };
