/** The commands that end a run, and their events. */
import proto, { type coresdk } from '@temporalio/proto';
import { msToTs } from '@temporalio/common/lib/time.js';
import { EventType, longOf, taskQueueOf, type NewEvent } from './history.js';
import type { ContinuedRun, RunCore, RunEnd } from './run-core.js';
import type { WorkflowCommand } from './sdk.js';

const { RetryState } = proto.temporal.api.enums.v1;

/** A run that continues as new earlier makes the next one wait. Source: `history.workflowIdReuseMinimalInterval`. */
const minRunMs = 1_000;

/** Null: the command does not end the run. */
export function endOf(command: WorkflowCommand, run: RunCore): { event: NewEvent; end: RunEnd } | null {
  const ids = { workflowTaskCompletedEventId: longOf(run.completedEventId) };
  if (command.completeWorkflowExecution) {
    const { result = null } = command.completeWorkflowExecution;
    return {
      event: {
        eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
        workflowExecutionCompletedEventAttributes: { ...ids, result: { payloads: result ? [result] : [] } },
      },
      end: { kind: 'completed', result },
    };
  }
  if (command.failWorkflowExecution) {
    const failure = command.failWorkflowExecution.failure ?? {};
    const retryState = RetryState.RETRY_STATE_RETRY_POLICY_NOT_SET;
    return {
      event: {
        eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
        workflowExecutionFailedEventAttributes: { ...ids, failure, retryState },
      },
      end: { kind: 'failed', failure },
    };
  }
  if (command.cancelWorkflowExecution)
    return {
      event: {
        eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
        workflowExecutionCanceledEventAttributes: ids,
      },
      end: { kind: 'canceled' },
    };
  if (!command.continueAsNewWorkflowExecution) return null;
  const next = continuedRunOf(command.continueAsNewWorkflowExecution, run);
  return {
    event: {
      eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
      workflowExecutionContinuedAsNewEventAttributes: {
        ...{ ...ids, newExecutionRunId: next.runId, workflowType: { name: next.workflowType } },
        taskQueue: taskQueueOf(next.taskQueue),
        input: { payloads: next.args },
        backoffStartInterval: msToTs(next.backoffMs),
        memo: { fields: next.memo },
        searchAttributes: { indexedFields: next.searchAttributes },
      },
    },
    end: { kind: 'continuedAsNew', next },
  };
}

/** The next run takes from this one whatever the command does not give. */
function continuedRunOf(
  {
    workflowType,
    taskQueue,
    arguments: args,
    memo,
  }: coresdk.workflow_commands.IContinueAsNewWorkflowExecution,
  { host, options, memo: ownMemo, searchAttributes }: RunCore,
): ContinuedRun {
  const firstTaskMs = options.startMs + options.backoffMs;
  return {
    runId: host.newRunId(),
    workflowType: workflowType || options.workflowType,
    taskQueue: taskQueue || options.taskQueue,
    args: args ?? [],
    memo: memo && Object.keys(memo).length > 0 ? memo : ownMemo,
    searchAttributes,
    backoffMs: Math.max(0, firstTaskMs + minRunMs - host.clock.nowMs),
  };
}
