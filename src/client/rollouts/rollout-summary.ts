/** Rollouts in Temporal's visibility store. Eventually consistent; needs no worker. */
import type { WorkflowExecutionDescription, WorkflowExecutionStatusName } from '@temporalio/client';
import {
  attributes,
  workflowIdOf,
  workflowType,
  type RolloutResult,
  type RolloutStatus,
} from '../../workflows/messages.js';
import type { Execution } from './live-status.js';

/** `candidateWeight` in percent, times in ISO 8601. Unknown fields are null. */
export interface RolloutSummary {
  endpoint: string;
  workflowId: string;
  runId: string;
  execution: Execution;
  strategy: string | null;
  phase: string | null;
  candidateWeight: number | null;
  outcome: string | null;
  startedBy: string | null;
  /** ARN of the model package version whose approval started it; null if a person or a pipeline did. */
  approvedVersion: string | null;
  startedAt: string;
  endedAt: string | null;
}

/** `all`: ended rollouts too. `endpoint`: only its rollouts. */
export interface ListOptions {
  all?: boolean;
  endpoint?: string;
}

/** A run that continued as new is followed by another: only the last one of the chain counts. */
export function listQuery({ all = false, endpoint }: ListOptions): string {
  const status = all ? `ExecutionStatus != 'ContinuedAsNew'` : `ExecutionStatus = 'Running'`;
  const one = endpoint === undefined ? '' : ` AND WorkflowId = '${workflowIdOf(endpoint)}'`;
  return `WorkflowType = '${workflowType}' AND ${status}${one}`;
}

type ListedWorkflow = Pick<
  WorkflowExecutionDescription,
  'workflowId' | 'runId' | 'status' | 'startTime' | 'closeTime' | 'memo' | 'typedSearchAttributes'
>;

export function rolloutSummaryOf(info: ListedWorkflow): RolloutSummary {
  const { typedSearchAttributes: found, memo } = info;
  return {
    endpoint: found.get(attributes.endpoint) ?? info.workflowId.replace(/^rollout:/, ''),
    workflowId: info.workflowId,
    runId: info.runId,
    execution: executionOf(info.status.name, found.get(attributes.outcome)),
    strategy: found.get(attributes.strategy) ?? null,
    phase: found.get(attributes.phase) ?? null,
    candidateWeight: found.get(attributes.candidateWeight) ?? null,
    outcome: found.get(attributes.outcome) ?? null,
    startedBy: typeof memo?.startedBy === 'string' ? memo.startedBy : null,
    approvedVersion: typeof memo?.approvedVersion === 'string' ? memo.approvedVersion : null,
    // After continue-as-new, the start time is that of the last run. The memo has the first.
    startedAt: typeof memo?.startedAt === 'string' ? memo.startedAt : info.startTime.toISOString(),
    endedAt: info.closeTime?.toISOString() ?? null,
  };
}

/** A failed workflow with an outcome is a rollout whose rollback is not verified. */
function executionOf(status: WorkflowExecutionStatusName, outcome: string | undefined): Execution {
  switch (status) {
    case 'RUNNING':
    case 'PAUSED':
    case 'CONTINUED_AS_NEW':
      return 'running';
    case 'COMPLETED':
      return 'completed';
    case 'FAILED':
      return outcome === undefined ? 'terminated' : 'completed';
    case 'CANCELLED':
    case 'TERMINATED':
    case 'TIMED_OUT':
    case 'UNSPECIFIED':
    case 'UNKNOWN':
      return 'terminated';
  }
}

/** The status of a rollout that has ended, from the result of its workflow. Needs no worker. */
export function endedStatusOf(
  result: RolloutResult,
  description: WorkflowExecutionDescription,
): RolloutStatus {
  const { strategy, startedBy } = rolloutSummaryOf(description);
  return {
    rolloutId: result.rolloutId,
    endpoint: result.endpoint,
    strategy,
    phase: 'ended',
    outcome: result.outcome,
    reason: result.reason,
    step: { n: 0, of: 0 },
    paused: false,
    gate: null,
    hold: null,
    waitingFor: null,
    watch: null,
    warnings: [],
    jobs: [],
    variants: [],
    verdicts: [],
    observation: null,
    startedBy: startedBy ?? 'unknown',
    startedAt: result.startedAt,
    phaseSince: result.endedAt,
  };
}
