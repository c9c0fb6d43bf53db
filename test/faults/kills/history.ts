import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** Follows a history with long polls until an event matches or the history ends. Returns the number of events. */
export async function waitForEvent(
  { workflowService, options }: Client,
  execution: { workflowId: string; runId: string },
  matches: (event: HistoryEvent) => boolean,
): Promise<number> {
  let count = 0;
  let nextPageToken: Uint8Array | undefined;
  for (;;) {
    const page = await workflowService.getWorkflowExecutionHistory({
      namespace: options.namespace,
      execution,
      waitNewEvent: true,
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
    });
    const events = page.history?.events ?? [];
    count += events.length;
    nextPageToken = page.nextPageToken ?? undefined;
    if (events.some(matches) || nextPageToken === undefined || nextPageToken.length === 0) return count;
  }
}
