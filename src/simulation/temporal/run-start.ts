/** The facts that a workflow starts with. */
import { TypedSearchAttributes } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';
import type { WorkflowInfo } from '@temporalio/workflow';
import proto from '@temporalio/proto';
import { EventType, taskQueueOf, type NewEvent } from './history.js';
import type { RunOptions } from './run-core.js';
import type { Job } from './sdk.js';

const { ContinueAsNewInitiator } = proto.temporal.api.enums.v1;

/** The first job of a run. */
export function initializeJobOf(options: RunOptions): Job {
  const {
    workflowId,
    workflowType,
    args,
    memo,
    searchAttributes,
    firstRunId,
    startMs,
    parent,
    continuedFrom,
  } = options;
  return {
    initializeWorkflow: {
      ...{ workflowId, workflowType, arguments: args, attempt: 1, identity: 'simulation', headers: {} },
      firstExecutionRunId: firstRunId,
      startTime: msToTs(startMs),
      workflowTaskTimeout: msToTs(10_000),
      memo: { fields: memo },
      searchAttributes: { indexedFields: searchAttributes },
      ...(continuedFrom === null ? {} : { continuedFromExecutionRunId: continuedFrom }),
      ...(parent === null ? {} : { parentWorkflowInfo: { namespace: 'default', ...parent } }),
    },
  };
}

/** The first event of a run. */
export function startedEventOf(options: RunOptions): NewEvent {
  const { workflowId, workflowType, taskQueue, args, memo, searchAttributes, runId, firstRunId } = options;
  const { continuedFrom, parent, root, backoffMs, userMetadata } = options;
  return {
    eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
    workflowExecutionStartedEventAttributes: {
      workflowId,
      workflowType: { name: workflowType },
      taskQueue: taskQueueOf(taskQueue),
      input: { payloads: args },
      memo: { fields: memo },
      searchAttributes: { indexedFields: searchAttributes },
      originalExecutionRunId: runId,
      firstExecutionRunId: firstRunId,
      attempt: 1,
      workflowTaskTimeout: msToTs(10_000),
      parentWorkflowExecution: parent,
      parentWorkflowNamespace: parent === null ? null : 'default',
      rootWorkflowExecution: root,
      firstWorkflowTaskBackoff: msToTs(backoffMs),
      ...(continuedFrom === null
        ? {}
        : {
            continuedExecutionRunId: continuedFrom,
            initiator: ContinueAsNewInitiator.CONTINUE_AS_NEW_INITIATOR_WORKFLOW,
          }),
    },
    ...(userMetadata ? { userMetadata } : {}),
  };
}

/** A run as the SDK's worker describes it to the workflow. */
export function workflowInfoOf(options: RunOptions, nowMs: number): WorkflowInfo {
  const { workflowId, runId, workflowType, taskQueue, firstRunId, startMs, parent, continuedFrom } = options;
  return {
    ...{ workflowId, runId, workflowType, taskQueue, namespace: 'default', attempt: 1 },
    searchAttributes: {},
    typedSearchAttributes: new TypedSearchAttributes(),
    firstExecutionRunId: firstRunId,
    originalExecutionRunId: runId,
    ...(continuedFrom === null ? {} : { continuedFromExecutionRunId: continuedFrom }),
    ...(parent === null ? {} : { parent: { ...parent, namespace: 'default' } }),
    startTime: new Date(startMs),
    runStartTime: new Date(nowMs),
    taskTimeoutMs: 10_000,
    historyLength: 0,
    historySize: 0,
    continueAsNewSuggested: false,
    targetWorkerDeploymentVersionChanged: false,
    // The SDK sets these itself.
    unsafe: { now: () => 0, isReplaying: false, isReplayingHistoryEvents: false } as WorkflowInfo['unsafe'],
  };
}
