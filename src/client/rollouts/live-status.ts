/**
 * A rollout as it stands now. The workflow's `status` query knows what was decided; while a watch is on its way, each
 * look's news are in the pending activity: its last failure's message and its heartbeat details.
 */
import type { WatchState } from '../../activities/interface/watch.js';
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import type { JobStatus, RolloutStatus, VariantStatus } from '../../workflows/messages.js';

/** An activity that the rollout waits for. */
export interface PendingActivity {
  /** Activity type, e.g. `watchTraffic`. */
  activity: string;
  attempt: number;
  /** What the last try said; null before the first has ended. */
  message: string | null;
  /** Type of the last try's failure. `Watching` is progress; anything else is trouble that is being retried. */
  failureType: string | null;
  /** ISO 8601; null while a try is under way. */
  nextTryAt: string | null;
  /** The message says only what the `jobs` or the `verdicts` of this status say. */
  isRepeated: boolean;
}

/**
 * The others are from the heartbeat details: `watch` and `repeatsState` of a watch of the traffic, `jobName` of a training.
 */
export interface PendingPoll {
  work: Omit<PendingActivity, 'isRepeated'>;
  watch: WatchState | null;
  repeatsState: boolean;
  jobName: string | null;
}

/** `cutShort`: ended from outside or by a bug, with no outcome. */
export type Execution = 'running' | 'completed' | 'terminated';

export interface LiveStatus extends RolloutStatus {
  workflowId: string;
  runId: string;
  execution: Execution;
  /** Length of the run's history so far. */
  historyEvents: number;
  pending: PendingActivity[];
}

export function mergePendingActivities(status: RolloutStatus, looks: PendingPoll[]): RolloutStatus {
  return looks.reduce(mergeLook, status);
}

/** `status`: with the looks merged into it. */
export function pendingOf(look: PendingPoll, status: RolloutStatus): PendingActivity {
  return { ...look.work, isRepeated: isRepeated(look, status) };
}

/** A watch's message is the sentences of its verdicts, a training's is its job's: the status has both. */
function isRepeated(
  { work, watch, repeatsState, jobName }: PendingPoll,
  { jobs, verdicts }: RolloutStatus,
): boolean {
  if (work.message === null) return false;
  if (work.activity === 'trainModel') return findJob(jobs, jobName) !== undefined;
  if (watch === null || !repeatsState || work.failureType !== 'InProgress') return false;
  const shown = new Map(verdicts.map((verdict) => [verdict.guardrail, verdict.message]));
  const compared = Object.values(watch.comparisons).map(({ last }) => last);
  return [...newsIn(watch), ...compared].every(({ guardrail, message }) => shown.get(guardrail) === message);
}

function mergeLook(status: RolloutStatus, { work, watch, jobName }: PendingPoll): RolloutStatus {
  if (work.activity === 'trainModel') return { ...status, jobs: mergeJob(status.jobs, work, jobName) };
  return watch === null ? status : mergeWatch(status, watch);
}

/** Before a look has handed on the job's name, the job is known only where no other is open. */
function findJob(jobs: JobStatus[], name: string | null): JobStatus | undefined {
  const open = jobs.filter((job) => job.state === 'waiting' || job.state === 'running');
  return open.find(({ jobName }) => jobName === name) ?? (open.length === 1 ? open[0] : undefined);
}

function mergeJob(jobs: JobStatus[], { message }: PendingPoll['work'], name: string | null): JobStatus[] {
  if (message === null) return jobs;
  const job = findJob(jobs, name);
  return jobs.map((each) => (each === job ? { ...each, state: 'running', message } : each));
}

function mergeWatch(status: RolloutStatus, watch: WatchState): RolloutStatus {
  const observation = watch.observation ?? status.observation;
  return {
    ...status,
    observation,
    variants: status.variants.map((variant) => withStats(withShare(variant, observation), watch)),
    verdicts: mergeVerdicts(status.verdicts, newsIn(watch)),
  };
}

function newsIn({ alarms, guardrails }: WatchState): Verdict[] {
  return [...alarms, ...Object.values(guardrails).map(({ last }) => last)];
}

function mergeVerdicts(known: Verdict[], news: Verdict[]): Verdict[] {
  const byGuardrail = new Map([...known, ...news].map((verdict) => [verdict.guardrail, verdict]));
  return [...byGuardrail.values()];
}

function withStats(variant: VariantStatus, { stats }: WatchState): VariantStatus {
  const found = stats.find(({ variant: name }) => name === variant.name);
  if (found === undefined) return variant;
  return { ...variant, requests: found.requests, errors: found.errors, p99Ms: found.p99Ms };
}

/** SageMaker's weights are relative: a variant's share is its part of their sum. A shadow gets copies, and has no share. */
function withShare(variant: VariantStatus, observation: RolloutStatus['observation']): VariantStatus {
  const seen = observation?.variants.find(({ name }) => name === variant.name);
  const answering = observation?.variants.filter(({ shadow }) => !shadow) ?? [];
  const sum = answering.reduce((total, { currentWeight }) => total + currentWeight, 0);
  if (sum === 0) return variant;
  const weight = seen?.shadow ? 0 : (seen?.currentWeight ?? 0);
  return { ...variant, actualWeight: (weight / sum) * 100, count: seen?.currentCount ?? null };
}
