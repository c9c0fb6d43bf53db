/** The last promoted rollout of an endpoint. A rollout that failed after it does not change what it promoted. */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { attributes, workflowType } from '../../workflows/messages.js';
import type { Outcome } from '../../plan/outcome.js';
import { explainFailure, serverOf } from '../temporal/temporal-failures.js';
import { rolloutSummaryOf, type RolloutSummary } from './rollout-summary.js';

const promoted: Outcome = 'promoted';

/**
 * `latest`: the latest rollout of the endpoint. It needs no search: Temporal lists a rollout only some time after its end.
 * Null if Temporal retains no promoted rollout. Fails: TemporalUnreachable, TemporalRejected.
 */
export async function findLastPromotion(
  client: Client,
  latest: WorkflowExecutionDescription,
): Promise<RolloutSummary | null> {
  const summary = rolloutSummaryOf(latest);
  if (summary.execution === 'completed' && summary.outcome === promoted) return summary;
  const query = [
    `WorkflowId = '${latest.workflowId}'`,
    `WorkflowType = '${workflowType}'`,
    `ExecutionStatus = 'Completed'`,
    `${attributes.outcome.name} = '${promoted}'`,
  ].join(' AND ');
  let last: RolloutSummary | null = null;
  try {
    // The order of the list depends on the server's database.
    for await (const info of client.workflow.list({ query })) {
      const found = rolloutSummaryOf(info);
      if (last === null || startOf(found) > startOf(last)) last = found;
    }
  } catch (error) {
    throw explainFailure(error, serverOf(client));
  }
  return last;
}

/** Milliseconds. One rollout of an endpoint runs at a time. */
function startOf({ startedAt }: RolloutSummary): number {
  return Date.parse(startedAt);
}
