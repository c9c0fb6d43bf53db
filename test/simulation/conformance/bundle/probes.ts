/** Workflows that use what the rollout does not, or that show in which order things reach a workflow. */
import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  executeChild,
  getExternalWorkflowHandle,
  isCancellation,
  proxyActivities,
  setHandler,
  sleep,
  workflowInfo,
  type ActivityOptions,
  type ChildWorkflowOptions,
} from '@temporalio/workflow';
import { describeError } from './describe-error.js';
import type { ProbeActivities } from '../probe-activities.js';

export interface ActivityCall {
  activity: keyof ProbeActivities;
  args: unknown[];
  options: ActivityOptions;
}

/** Runs the activities one after another. Returns what the workflow sees of each end. */
export async function runActivities(calls: ActivityCall[]): Promise<unknown[]> {
  const ends: unknown[] = [];
  for (const { activity, args, options } of calls) {
    const run = proxyActivities<ProbeActivities>(options)[activity] as (
      ...args: unknown[]
    ) => Promise<unknown>;
    ends.push(await run(...args).catch(describeError));
  }
  return ends;
}

/** Runs an activity until the signal `stop` cancels it. Ends some time later. */
export async function cancelActivity(
  { activity, args, options }: ActivityCall,
  laterMs: number,
): Promise<unknown> {
  const scope = new CancellationScope();
  setHandler(defineSignal('stop'), () => scope.cancel());
  const run = proxyActivities<ProbeActivities>(options)[activity] as (...args: unknown[]) => Promise<unknown>;
  const end = await scope.run(() => run(...args)).catch(describeError);
  if (laterMs > 0) await sleep(laterMs);
  return end;
}

/** Ends as it is told. */
export async function endAs(kind: 'nothing' | 'failure' | 'caused' | 'cancelled'): Promise<void> {
  if (kind !== 'cancelled') await sleep(1);
  switch (kind) {
    case 'nothing':
      return;
    case 'failure':
      throw ApplicationFailure.create({
        ...{ message: 'no', type: 'Told', details: [{ code: 7 }, 'x'], nonRetryable: true },
      });
    case 'caused':
      throw ApplicationFailure.create({
        message: 'outer',
        cause: ApplicationFailure.retryable('inner', 'Cause'),
      });
    case 'cancelled':
      await sleep('1 day');
  }
}

export interface RecordingOptions {
  timersMs: number[];
  /** Milliseconds that each activity takes. */
  activitiesMs: number[];
  /** Number of things after which it ends. */
  ends: number;
}

/** Records in which order things reach it. */
export async function recordOrder({ timersMs, activitiesMs, ends }: RecordingOptions): Promise<string[]> {
  const seen: string[] = [];
  setHandler(defineQuery<string[]>('seen'), () => seen);
  setHandler(defineSignal<[string]>('mark'), (what) => void seen.push(`signal ${what}`));
  setHandler(
    defineUpdate<string[], [string]>('note'),
    (what) => {
      seen.push(`update ${what}`);
      return [...seen];
    },
    {
      validator: (what: string) => {
        if (what.startsWith('no')) throw ApplicationFailure.nonRetryable(`cannot note ${what}`, 'Rejected');
      },
    },
  );
  void CancellationScope.current().cancelRequested.catch(() => void seen.push('cancel'));
  return CancellationScope.nonCancellable(async () => {
    const { take } = proxyActivities<ProbeActivities>({ startToCloseTimeout: '1 minute' });
    for (const ms of timersMs) void sleep(ms).then(() => seen.push(`timer ${ms}`));
    for (const ms of activitiesMs) void take(ms).then(() => seen.push(`activity ${ms}`));
    await condition(() => seen.length >= ends);
    return seen;
  });
}

/** Updates that wait: `slow` for the signal `go`, `activity` for an activity. The signal `end` ends the workflow. */
export async function answerLate(waits: boolean): Promise<string> {
  let [hasGone, hasEnded] = [false, false];
  setHandler(defineSignal('go'), () => void (hasGone = true));
  setHandler(defineSignal('end'), () => void (hasEnded = true));
  setHandler(defineUpdate<string, [string]>('slow'), async (text) => {
    await condition(() => hasGone);
    return `slow ${text}`;
  });
  setHandler(defineUpdate<number>('activity'), () => {
    const { take } = proxyActivities<ProbeActivities>({ startToCloseTimeout: '1 minute' });
    return take(10);
  });
  setHandler(defineUpdate('fail'), async () => {
    await sleep(10);
    throw ApplicationFailure.create({ message: 'the update fails', type: 'Told', details: [1] });
  });
  setHandler(defineUpdate('nothing'), () => undefined);
  await condition(() => hasEnded);
  if (waits) await condition(allHandlersFinished);
  return 'ended';
}

export interface ChildCall {
  type: string;
  args: unknown[];
  options: ChildWorkflowOptions & { workflowId: string };
}

/** Runs children one after another. Returns what the workflow sees of each end. */
export async function runChildren(calls: ChildCall[]): Promise<unknown[]> {
  const ends: unknown[] = [];
  for (const { type, args, options } of calls)
    ends.push(await executeChild(type, { ...options, args }).catch(describeError));
  return ends;
}

/** Signals workflows. Returns what it sees of each try. */
export async function signalOthers(workflowIds: string[], signal: string, arg: unknown): Promise<unknown[]> {
  const ends: unknown[] = [];
  for (const workflowId of workflowIds)
    ends.push(
      await getExternalWorkflowHandle(workflowId)
        .signal(signal, arg)
        .then(() => 'sent', describeError),
    );
  return ends;
}

/** Continues as new until the count is 0. Each run waits a second, then for the signal `next`. */
export async function countDown(count: number): Promise<string> {
  let next = false;
  setHandler(defineSignal('next'), () => void (next = true));
  setHandler(defineUpdate<number>('count'), () => count);
  try {
    // After a shorter run, the server would make the next one wait.
    await sleep('1 second');
    await condition(() => next);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    return `cancelled at ${count}`;
  }
  if (count > 0) await continueAsNew<typeof countDown>(count - 1);
  const { memo, continuedFromExecutionRunId, firstExecutionRunId } = workflowInfo();
  return JSON.stringify({ memo, continuedFromExecutionRunId, firstExecutionRunId });
}
