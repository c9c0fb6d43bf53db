/** The facts that a workflow starts with. */
import { TypedSearchAttributes } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';
import type { WorkflowInfo } from '@temporalio/workflow';
import type { RunOptions } from './run-core.js';
import type { Job } from './sdk.js';

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
