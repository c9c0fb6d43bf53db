/** Reads the history of a rollout: failed workflow tasks and patches. */
import { setTimeout as delay } from 'node:timers/promises';
import protos from '@temporalio/proto';
import type { E2eEnvironment } from '../../e2e/e2e-environment.js';

const { WorkflowTaskFailedCause } = protos.temporal.api.enums.v1;
const nonDeterminism = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR;

async function eventsOf({ temporal: client }: E2eEnvironment, endpoint: string) {
  const { events } = await client.workflow.getHandle(`rollout:${endpoint}`).fetchHistory();
  return events ?? [];
}

/** Resolves when a workflow task has failed with a non-determinism error. */
export async function waitForNonDeterminism(environment: E2eEnvironment, endpoint: string): Promise<void> {
  for (;;) {
    const events = await eventsOf(environment, endpoint);
    const causes = events.map((each) => each.workflowTaskFailedEventAttributes?.cause);
    if (causes.includes(nonDeterminism)) return;
    await delay(200);
  }
}

/** The names of the recorded patches. */
export async function patchesIn(environment: E2eEnvironment, endpoint: string): Promise<string[]> {
  const events = await eventsOf(environment, endpoint);
  return events.flatMap(({ markerRecordedEventAttributes: marker }) => {
    const data = marker?.details?.['patch-data']?.payloads?.[0]?.data;
    if (!data) return [];
    return [(JSON.parse(Buffer.from(data).toString()) as { id: string }).id];
  });
}
