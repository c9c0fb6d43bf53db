/** Child workflows of a run, and its signals to other workflows. */
import proto, { type coresdk } from '@temporalio/proto';
import { EventType, longOf, taskQueueOf, type HistoryEvent } from './history.js';
import type { RetryStateValue } from './activity-task.js';
import type { FailureProto } from './payloads.js';
import type { ChildRun, RunCore } from './run-core.js';

const { RetryState, WorkflowIdReusePolicy } = proto.temporal.api.enums.v1;
/** The server's default. */
const allowDuplicate = WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE;
const abandon = proto.coresdk.child_workflow.ParentClosePolicy.PARENT_CLOSE_POLICY_ABANDON;

export class RunChildren {
  constructor(private readonly run: RunCore) {}

  /** Throws for a policy that would end the child with its parent: the simulation lets children continue. */
  start(command: coresdk.workflow_commands.IStartChildWorkflowExecution, meta: Partial<HistoryEvent>): void {
    const { seq, workflowId, workflowType, taskQueue, input, parentClosePolicy, memo } = command;
    if (parentClosePolicy !== abandon)
      throw new Error(`the simulation does not know the parent close policy ${parentClosePolicy}`);
    const number = seq ?? 0;
    const type = { name: workflowType ?? '' };
    const initiatedEventId = this.run.add({
      eventType: EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED,
      startChildWorkflowExecutionInitiatedEventAttributes: {
        workflowId: workflowId ?? '',
        workflowType: type,
        taskQueue: taskQueueOf(taskQueue || this.run.options.taskQueue),
        input: { payloads: input ?? [] },
        parentClosePolicy,
        workflowIdReusePolicy: command.workflowIdReusePolicy || allowDuplicate,
        memo: { fields: memo ?? {} },
        searchAttributes: command.searchAttributes ?? {},
        workflowTaskCompletedEventId: longOf(this.run.completedEventId),
      },
      ...meta,
    });
    this.run.host.clock.at(this.run.host.clock.nowMs, () => {
      if (this.run.end) return;
      const child = this.run.host.startChild(this.run, command, meta);
      if (!child) {
        const cause =
          proto.temporal.api.enums.v1.StartChildWorkflowExecutionFailedCause
            .START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS;
        this.run.add({
          eventType: EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_FAILED,
          startChildWorkflowExecutionFailedEventAttributes: {
            ...{ workflowId: workflowId ?? '', workflowType: type, cause },
            initiatedEventId: longOf(initiatedEventId),
          },
        });
        this.run.deliver({
          resolveChildWorkflowExecutionStart: {
            seq: number,
            failed: { workflowId: workflowId ?? '', workflowType: workflowType ?? '', cause: 1 },
          },
        });
        return;
      }
      const execution = { workflowId: workflowId ?? '', runId: child.options.runId };
      const startedEventId = this.run.add({
        eventType: EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED,
        childWorkflowExecutionStartedEventAttributes: {
          initiatedEventId: longOf(initiatedEventId),
          workflowExecution: execution,
          workflowType: type,
        },
      });
      this.run.deliver({
        resolveChildWorkflowExecutionStart: { seq: number, succeeded: { runId: child.options.runId } },
      });
      this.followChild(number, child, { initiatedEventId, startedEventId });
    });
  }

  private followChild(
    seq: number,
    child: ChildRun,
    ids: { initiatedEventId: number; startedEventId: number },
  ): void {
    child.whenEnded((end, { options }) => {
      if (this.run.end || end.kind === 'continuedAsNew') return;
      const { workflowId, runId, workflowType } = options;
      const about = {
        initiatedEventId: longOf(ids.initiatedEventId),
        startedEventId: longOf(ids.startedEventId),
        workflowExecution: { workflowId, runId },
        workflowType: { name: workflowType },
      };
      const resolve = (result: coresdk.child_workflow.IChildWorkflowResult) =>
        this.run.deliver({ resolveChildWorkflowExecution: { seq, result } });
      const failureOf = (how: string, retryState: RetryStateValue, cause: FailureProto): FailureProto => ({
        message: `Child Workflow execution ${how}`,
        childWorkflowExecutionFailureInfo: { ...about, namespace: 'default', retryState },
        cause,
      });
      switch (end.kind) {
        case 'completed': {
          const { result } = end;
          this.run.add({
            eventType: EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED,
            childWorkflowExecutionCompletedEventAttributes: {
              ...about,
              result: { payloads: result ? [result] : [] },
            },
          });
          return resolve({ completed: result ? { result } : {} });
        }
        case 'failed': {
          const retryState = RetryState.RETRY_STATE_RETRY_POLICY_NOT_SET;
          this.run.add({
            eventType: EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_FAILED,
            childWorkflowExecutionFailedEventAttributes: { ...about, failure: end.failure, retryState },
          });
          return resolve({ failed: { failure: failureOf('failed', retryState, end.failure) } });
        }
        case 'canceled': {
          this.run.add({
            eventType: EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_CANCELED,
            childWorkflowExecutionCanceledEventAttributes: about,
          });
          const cause = { canceledFailureInfo: {} };
          const failure = failureOf('cancelled', RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE, cause);
          return resolve({ cancelled: { failure } });
        }
        case 'terminated': {
          this.run.add({
            eventType: EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TERMINATED,
            childWorkflowExecutionTerminatedEventAttributes: about,
          });
          const cause = { message: 'Terminated', terminatedFailureInfo: {} };
          const failure = failureOf('terminated', RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE, cause);
          return resolve({ failed: { failure } });
        }
      }
    });
  }

  signal(command: coresdk.workflow_commands.ISignalExternalWorkflowExecution): void {
    const { seq, workflowExecution, childWorkflowId, signalName, args } = command;
    const workflowId = childWorkflowId || workflowExecution?.workflowId || '';
    const name = signalName ?? '';
    const target = { workflowId, runId: workflowExecution?.runId ?? '' };
    const initiatedEventId = this.run.add({
      eventType: EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
      signalExternalWorkflowExecutionInitiatedEventAttributes: {
        workflowExecution: target,
        signalName: name,
        input: { payloads: args ?? [] },
        childWorkflowOnly: Boolean(childWorkflowId),
        workflowTaskCompletedEventId: longOf(this.run.completedEventId),
      },
    });
    this.run.host.clock.at(this.run.host.clock.nowMs, () => {
      if (this.run.end) return;
      const ids = { initiatedEventId: longOf(initiatedEventId), workflowExecution: target };
      const { workflowId: ownId, runId } = this.run.options;
      if (this.run.host.signal(workflowId, name, args ?? [], { workflowId: ownId, runId })) {
        this.run.add({
          eventType: EventType.EVENT_TYPE_EXTERNAL_WORKFLOW_EXECUTION_SIGNALED,
          externalWorkflowExecutionSignaledEventAttributes: ids,
        });
        this.run.deliver({ resolveSignalExternalWorkflow: { seq: seq ?? 0 } });
      } else {
        const cause =
          proto.temporal.api.enums.v1.SignalExternalWorkflowExecutionFailedCause
            .SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND;
        this.run.add({
          eventType: EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED,
          signalExternalWorkflowExecutionFailedEventAttributes: { ...ids, cause },
        });
        const failure = {
          message: 'Unable to signal external workflow because it was not found',
          applicationFailureInfo: { type: 'ExternalWorkflowExecutionNotFound' },
        };
        this.run.deliver({ resolveSignalExternalWorkflow: { seq: seq ?? 0, failure } });
      }
    });
  }
}
