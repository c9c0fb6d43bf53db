/** The pending activities of a rollout, decoded from Temporal's description of the workflow. */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { ApplicationFailure, type LoadedDataConverter } from '@temporalio/common';
import {
  decodeArrayFromPayloads,
  decodeOptionalFailureToOptionalError,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import { optionalTsToDate } from '@temporalio/common/lib/time.js';
import type { WatchState } from '../../activities/interface/watch.js';
import type { PendingPoll } from './live-status.js';

type RawPendingActivity = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

export async function readPendingActivities(
  client: Client,
  description: WorkflowExecutionDescription,
): Promise<PendingPoll[]> {
  const converter = client.options.loadedDataConverter;
  return Promise.all((description.raw.pendingActivities ?? []).map((each) => decodePoll(converter, each)));
}

async function decodePoll(converter: LoadedDataConverter, raw: RawPendingActivity): Promise<PendingPoll> {
  const failure = await decodeOptionalFailureToOptionalError(converter, raw.lastFailure);
  const [details] = await decodeArrayFromPayloads(converter, raw.heartbeatDetails?.payloads);
  const activity = raw.activityType?.name ?? 'unknown';
  const pending = {
    activity,
    attempt: raw.attempt ?? 1,
    message: failure?.message ?? null,
    failureType: failure instanceof ApplicationFailure ? (failure.type ?? null) : (failure?.name ?? null),
    nextTryAt: optionalTsToDate(raw.nextAttemptScheduleTime)?.toISOString() ?? null,
  };
  const state = stateIn(details);
  return {
    activity: pending,
    watch: activity === 'watchTraffic' && isWatchState(state) ? state : null,
    jobName: activity === 'trainModel' ? jobNameIn(state) : null,
    repeatsState: isObject(details) && 'repeatsState' in details && details.repeatsState === true,
  };
}

/** Heartbeat details are an envelope with the state for the next attempt. */
function stateIn(details: unknown): unknown {
  return isObject(details) && 'state' in details ? details.state : null;
}

/** The state is a `TrainingState`. */
function jobNameIn(state: unknown): string | null {
  if (!isObject(state) || !('jobName' in state)) return null;
  return typeof state.jobName === 'string' ? state.jobName : null;
}

/** A worker of another release may have a different state, which is ignored. */
function isWatchState(state: unknown): state is WatchState {
  if (!isObject(state)) return false;
  const { guardrails, stats, alarms } = state as Partial<WatchState>;
  const lists = Array.isArray(stats) && Array.isArray(alarms);
  return lists && typeof guardrails === 'object' && guardrails !== null;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
