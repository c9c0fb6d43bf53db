/** Child workflows of a run, and its signals to other workflows. */
import proto, { type coresdk } from '@temporalio/proto';
import { EventType, longOf, type HistoryEvent } from './history.js';
import type { FailureProto } from './payloads.js';
import type { ChildRun, RunCore } from './run-core.js';

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
        taskQueue: { name: taskQueue || this.run.options.taskQueue },
        input: { payloads: input ?? [] },
        parentClosePolicy,
        memo: { fields: memo ?? {} },
        searchAttributes: command.searchAttributes ?? {},
        workflowTaskCompletedEventId: longOf(this.run.completedEventId),
      },
      ...meta,
    });
    this.run.host.clock.at(this.run.host.clock.nowMs, () => {
      if (this.run.end) return;
      const child = this.run.host.startChild(this.run, command);
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
      const failed = (failure: FailureProto) =>
        this.run.deliver({
          resolveChildWorkflowExecution: {
            seq,
            result: {
              failed: {
                failure: {
                  message: 'Child Workflow execution failed',
                  childWorkflowExecutionFailureInfo: { ...about, namespace: 'default' },
                  cause: failure,
                },
              },
            },
          },
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
          return this.run.deliver({
            resolveChildWorkflowExecution: { seq, result: { completed: result ? { result } : {} } },
          });
        }
        case 'failed':
          this.run.add({
            eventType: EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_FAILED,
            childWorkflowExecutionFailedEventAttributes: { ...about, failure: end.failure },
          });
          return failed(end.failure);
        case 'canceled':
          this.run.add({
            eventType: EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_CANCELED,
            childWorkflowExecutionCanceledEventAttributes: about,
          });
          return failed({ message: 'Workflow execution canceled', canceledFailureInfo: {} });
        case 'terminated':
          this.run.add({
            eventType: EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TERMINATED,
            childWorkflowExecutionTerminatedEventAttributes: about,
          });
          return failed({ message: 'Workflow execution terminated', terminatedFailureInfo: {} });
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
      if (this.run.host.signal(workflowId, name, args ?? [])) {
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
