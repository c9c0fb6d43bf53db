import type { Client } from '@temporalio/client';

/** Follows a history by long polls. Returns how many events there are: so many, or fewer where it has ended. */
export async function untilEvent(
  { workflowService, options }: Client,
  execution: { workflowId: string; runId: string },
  number: number,
): Promise<number> {
  let events = 0;
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await workflowService.getWorkflowExecutionHistory({
      namespace: options.namespace,
      execution,
      waitNewEvent: true,
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
    });
    events += page.history?.events?.length ?? 0;
    nextPageToken = page.nextPageToken ?? undefined;
  } while (events < number && nextPageToken !== undefined && nextPageToken.length > 0);
  return events;
}
