import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** Follows a history by long polls, to the first event that is wanted or to the end. Returns how many events there are. */
export async function untilEvent(
  { workflowService, options }: Client,
  execution: { workflowId: string; runId: string },
  isWanted: (event: HistoryEvent) => boolean,
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
    if (events.some(isWanted) || nextPageToken === undefined || nextPageToken.length === 0) return count;
  }
}
