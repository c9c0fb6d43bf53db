/** What a rollout's history says of the workers that went through it. */
import { setTimeout as delay } from 'node:timers/promises';
import protos from '@temporalio/proto';
import type { E2eEnvironment } from '../../e2e/e2e-environment.js';

const { WorkflowTaskFailedCause } = protos.temporal.api.enums.v1;
const nonDeterminism = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR;

async function eventsOf({ temporal: client }: E2eEnvironment, endpoint: string) {
  const { events } = await client.workflow.getHandle(`rollout:${endpoint}`).fetchHistory();
  return events ?? [];
}

/** Resolves when a worker has found that its code is not that of this history. */
export async function untilTaskFails(stage: E2eEnvironment, endpoint: string): Promise<void> {
  for (;;) {
    const events = await eventsOf(stage, endpoint);
    const causes = events.map((each) => each.workflowTaskFailedEventAttributes?.cause);
    if (causes.includes(nonDeterminism)) return;
    await delay(200);
  }
}

/** The patches that are recorded, by name. */
export async function patchesIn(stage: E2eEnvironment, endpoint: string): Promise<string[]> {
  const events = await eventsOf(stage, endpoint);
  return events.flatMap(({ markerRecordedEventAttributes: marker }) => {
    const data = marker?.details?.['patch-data']?.payloads?.[0]?.data;
    if (!data) return [];
    return [(JSON.parse(Buffer.from(data).toString()) as { id: string }).id];
  });
}
