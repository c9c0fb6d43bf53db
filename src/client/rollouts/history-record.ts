/** The record of a rollout in its history. Readable without a worker, while Temporal retains the history. */
import type { Client, WorkflowHandle } from '@temporalio/client';
import { decodeFromPayloadsAtIndex } from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { RolloutActivities } from '../../activities/interface/activities.js';
import type { InitialEndpoint } from '../../activities/interface/endpoint.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { ContinuedState } from '../../workflows/run/continued-state.js';
import { rollbackFailedType, type RolloutResult } from '../../workflows/messages.js';
import type { Execution } from './live-status.js';

/** A field is null if the rollout ended before it. */
export interface RolloutRecord {
  execution: Execution;
  plan: Plan | null;
  /** The endpoint before the rollout. */
  starting: InitialEndpoint | null;
  result: RolloutResult | null;
}

export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type Payloads = Parameters<typeof decodeFromPayloadsAtIndex>[2];

export async function recordIn(client: Client, history: History): Promise<Omit<RolloutRecord, 'execution'>> {
  const converter = client.options.loadedDataConverter;
  const decode = async <T>(payloads: Payloads): Promise<T | null> =>
    payloads ? decodeFromPayloadsAtIndex<T>(converter, 0, payloads) : null;
  const [plan, starting, result] = await Promise.all([
    decode<Plan>(resultOf(history, 'compileRollout')),
    decode<InitialEndpoint>(resultOf(history, 'preflight')),
    decode<RolloutResult>(closingResult(history)),
  ]);
  const continued = await readContinued(decode, history);
  return { plan: plan ?? continued?.plan ?? null, starting: starting ?? continued?.starting ?? null, result };
}

/** A continued run has the plan and the initial endpoint in its input. */
async function readContinued(
  decode: <T>(payloads: Payloads) => Promise<T | null>,
  { events }: History,
): Promise<Pick<RolloutRecord, 'plan' | 'starting'> | null> {
  const given = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads;
  const [, second] = given ?? [];
  const continued = second ? await decode<ContinuedState>([second]) : null;
  if (continued === null) return null;
  const { compiledPlan: plan, starting } = continued.state;
  return { plan, starting };
}

/** Result of the first scheduled activity of this type, if it completed. */
function resultOf({ events }: History, activity: keyof RolloutActivities): Payloads {
  const scheduled = events?.find(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === activity,
  );
  const completed = events?.find(
    ({ activityTaskCompletedEventAttributes: done }) =>
      done && scheduled && String(done.scheduledEventId) === String(scheduled.eventId),
  );
  return completed?.activityTaskCompletedEventAttributes?.result?.payloads;
}

/** A rollout whose rollback is not verified has its result in the failure of its workflow. */
function closingResult({ events }: History): Payloads {
  const last = events?.at(-1);
  const failure = last?.workflowExecutionFailedEventAttributes?.failure?.applicationFailureInfo;
  if (failure?.type === rollbackFailedType) return failure.details?.payloads;
  return last?.workflowExecutionCompletedEventAttributes?.result?.payloads;
}
