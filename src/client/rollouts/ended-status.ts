/** The status of a rollout that has ended, from what its workflow returned: needs no worker. */
import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { RolloutResult, RolloutStatus } from '../../workflows/messages.js';
import { rolloutSummaryOf } from './rollout-summary.js';

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
    jobs: [],
    variants: [],
    verdicts: [],
    observation: null,
    startedBy: startedBy ?? 'unknown',
    startedAt: result.startedAt,
    phaseSince: result.endedAt,
  };
}
