/**
 * The current state of a rollout. The workflow's `status` query has the decisions. Between them, the pending activity
 * has the result of each poll: the message of its last failure, and its heartbeat details.
 */
import type { WatchState } from '../../activities/interface/watch.js';
import type { Role } from '../../plan/compiled/names.js';
import { findVariantOf, roleOfVariant } from '../../plan/compiled/role-of-variant.js';
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import type { JobStatus, RolloutStatus, VariantStatus } from '../../workflows/messages.js';

/** An activity that the rollout waits for. */
export interface PendingActivity {
  /** Activity type, e.g. `watchTraffic`. */
  activity: string;
  attempt: number;
  /** Message of the last attempt. Null before the first one has ended. */
  message: string | null;
  /** Failure type of the last attempt. `InProgress` is progress. Any other type is an error being retried. */
  failureType: string | null;
  /** ISO 8601. Null while an attempt is running. */
  nextTryAt: string | null;
  /** True if the `jobs` or `verdicts` of this status already contain the message. */
  isRepeated: boolean;
}

/**
 * `watch` and `repeatsState` are heartbeat details of `watchTraffic`, `jobName` of `trainModel`.
 */
export interface PendingPoll {
  activity: Omit<PendingActivity, 'isRepeated'>;
  watch: WatchState | null;
  repeatsState: boolean;
  jobName: string | null;
}

/** `terminated`: the workflow ended without an outcome, by an external action or a bug. */
export type Execution = 'running' | 'completed' | 'terminated';

export interface LiveStatus extends RolloutStatus {
  workflowId: string;
  runId: string;
  execution: Execution;
  /** Length of the run's history so far. */
  historyEvents: number;
  pending: PendingActivity[];
}

export function mergePendingActivities(status: RolloutStatus, polls: PendingPoll[]): RolloutStatus {
  return polls.reduce(mergePoll, status);
}

/** `status`: after `mergePendingActivities`. */
export function pendingOf(poll: PendingPoll, status: RolloutStatus): PendingActivity {
  return { ...poll.activity, isRepeated: isRepeated(poll, status) };
}

/** The message of `watchTraffic` consists of its verdicts, and that of `trainModel` is its job's. */
function isRepeated({ activity, watch, repeatsState, jobName }: PendingPoll, status: RolloutStatus): boolean {
  const { jobs, verdicts } = status;
  if (activity.message === null) return false;
  if (activity.activity === 'trainModel') return findJob(jobs, jobName) !== undefined;
  if (watch === null || !repeatsState || activity.failureType !== 'InProgress') return false;
  const shown = new Map(verdicts.map((verdict) => [verdict.guardrail, verdict.message]));
  const compared = Object.values(watch.comparisons).map(({ last }) => last);
  return [...freshVerdicts(status, watch), ...compared].every(
    ({ guardrail, message }) => shown.get(guardrail) === message,
  );
}

function mergePoll(status: RolloutStatus, { activity, watch, jobName }: PendingPoll): RolloutStatus {
  if (activity.activity === 'trainModel')
    return { ...status, jobs: mergeJob(status.jobs, activity, jobName) };
  return watch === null ? status : mergeWatch(status, watch);
}

/** Without a job name (before the first heartbeat), the job is known only if no other one is open. */
function findJob(jobs: JobStatus[], name: string | null): JobStatus | undefined {
  const open = jobs.filter((job) => job.state === 'waiting' || job.state === 'running');
  return open.find(({ jobName }) => jobName === name) ?? (open.length === 1 ? open[0] : undefined);
}

function mergeJob(jobs: JobStatus[], { message }: PendingPoll['activity'], name: string | null): JobStatus[] {
  if (message === null) return jobs;
  const job = findJob(jobs, name);
  return jobs.map((each) => (each === job ? { ...each, state: 'running', message } : each));
}

function mergeWatch(status: RolloutStatus, watch: WatchState): RolloutStatus {
  const observation = watch.observation ?? status.observation;
  return {
    ...status,
    observation,
    variants: status.variants.map((variant) => withStats(withShare(variant, status, observation), watch)),
    verdicts: mergeVerdicts(status.verdicts, freshVerdicts(status, watch)),
  };
}

/** Beside a wait or a change, windows begin again. Until the first one is over, the verdict before it remains. */
function freshVerdicts({ verdicts, watch }: RolloutStatus, { alarms, guardrails }: WatchState): Verdict[] {
  const remains = ({ guardrail, reason }: Verdict) =>
    watch?.mode !== 'baking' &&
    reason === 'awaitingFirstWindow' &&
    verdicts.some((verdict) => verdict.guardrail === guardrail);
  return [...alarms, ...Object.values(guardrails).map(({ last }) => last)].filter(
    (verdict) => !remains(verdict),
  );
}

function mergeVerdicts(known: Verdict[], fresh: Verdict[]): Verdict[] {
  const byGuardrail = new Map([...known, ...fresh].map((verdict) => [verdict.guardrail, verdict]));
  return [...byGuardrail.values()];
}

function withStats(variant: VariantStatus, { stats }: WatchState): VariantStatus {
  const found = stats.find(({ role }) => role === variant.role);
  if (found === undefined) return variant;
  return { ...variant, requests: found.requests, errors: found.errors, p99Ms: found.p99Ms };
}

/** Percent of the sum of both weights, because SageMaker's weights are relative. A shadow has no share. */
function withShare(
  variant: VariantStatus,
  { rolloutId, variants }: RolloutStatus,
  observation: RolloutStatus['observation'],
): VariantStatus {
  const nameOf = (role: Role) => variants.find((each) => each.role === role)?.name ?? '';
  const named = { baseline: nameOf('baseline'), candidate: nameOf('candidate') };
  const of = { rolloutId: rolloutId ?? '', variants: named };
  const seen = observation && findVariantOf(observation.variants, variant.role, of);
  const serving =
    observation?.variants.filter((each) => !each.shadow && roleOfVariant(each, of) !== null) ?? [];
  const sum = serving.reduce((total, { currentWeight }) => total + currentWeight, 0);
  if (sum === 0) return variant;
  const weight = seen?.shadow ? 0 : (seen?.currentWeight ?? 0);
  return { ...variant, actualWeight: (weight / sum) * 100, count: seen?.currentCount ?? null };
}
