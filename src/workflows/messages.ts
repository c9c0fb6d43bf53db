/**
 * The rollout's face to the outside: signals, updates and queries, and the shapes they carry. Stable: pipelines,
 * the CLI and the Web UI rely on these names.
 */
import { defineSearchAttributeKey } from '@temporalio/common';
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
}

export interface PromoteCommand extends Command {
  /** Skip the remaining steps; the guardrails keep their veto. */
  full?: boolean;
}

/**
 * Whether the actor has signed the command with a key that the worker knows. Otherwise the actor is what the caller says
 * of itself, and who may say anything is decided by access to Temporal (docs/security.md).
 */
export type Identity = 'verified' | 'unverified';

/** Commands that no proof may hold up: they are obeyed at once, and what the proof came to is noted when it is known. */
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

/** One variant as the rollout wishes it and as it was last seen. Shares in percent; null: not known (yet). */
export interface VariantStatus {
  role: Role;
  name: string;
  modelName: string | null;
  setWeight: number | null;
  actualWeight: number | null;
  count: number | null;
  requests: number | null;
  errors: number | null;
  p99Ms: number | null;
}

/** The gate that the rollout stands before. */
export interface GateStatus {
  id: string;
  kind: Gate['kind'];
  /** What opens it; one sentence. */
  message: string;
  /** Who has approved so far. */
  approvals: string[];
  /** How many different people must approve; null where the gate waits for something else. */
  people: number | null;
}

/**
 * Why a rollout is held.
 * - `unknown`: a guardrail or a goal cannot be judged.
 * - `drift`: someone else changed the endpoint.
 * - `inconclusive`: the longest time of an experiment is over, and its goals have not decided.
 * - `rollbackUnverified`: the rollback is not verified yet, and is tried again.
 */
export type HoldReason = 'unknown' | 'drift' | 'inconclusive' | 'rollbackUnverified';

export interface Hold {
  reason: HoldReason;
  /** For people. */
  message: string;
}

export interface RolloutStatus {
  rolloutId: string | null;
  endpoint: string;
  strategy: string | null;
  phase: Phase;
  outcome: Outcome | null;
  /** Why the phase or the outcome is what it is; one sentence. */
  reason: string;
  /** Stage n of m; n is 0 before the first. */
  step: { n: number; of: number };
  paused: boolean;
  gate: GateStatus | null;
  /** Set while something unknown or someone's decision keeps the rollout from advancing. */
  hold: Hold | null;
  waitingFor: { what: string; until: string | null } | null;
  jobs: JobStatus[];
  variants: VariantStatus[];
  verdicts: Verdict[];
  observation: EndpointObservation | null;
  startedBy: string;
  startedAt: string;
  /** When this phase began. ISO 8601, by Temporal's clock. */
  phaseSince: string;
}

/** What a timeline has of a command, obeyed or not. */
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
  /** `outcome` and `reason`: set on the entry that ends the rollout, and on no other. */
  | { kind: 'decision'; outcome?: Outcome; reason?: string }
  /** Always the first entry: the timeline was too long, and so many entries were left out. */
  | { kind: 'truncated'; omitted: number }
);

/** What the workflow returns. */
export interface RolloutResult {
  rolloutId: string | null;
  endpoint: string;
  outcome: Outcome;
  reason: string;
  /** The model that serves all traffic at the end, where that is known. */
  serving: string | null;
  /** What the rollout made and could not remove; empty when all is tidy. */
  leftovers: string[];
  startedAt: string;
  endedAt: string;
}

/** The frozen plan, with when it will be over if nothing holds it (null: it may hold for ever). ISO 8601. */
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
export const taskQueue = 'penstock';

/** `rollout:<endpoint name in lower case>`: one live rollout an endpoint. */
export function workflowIdOf(endpoint: string): string {
  return `rollout:${endpoint.toLowerCase()}`;
}

export type { VariantStats };
