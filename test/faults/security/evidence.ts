/** Everything that Temporal has of a rollout, as text: as the server gives it, decoded by nobody. */
import type { Client } from '@temporalio/client';

export async function evidenceOf(client: Client, workflowId: string): Promise<string> {
  const { namespace } = client.options;
  const history = await client.workflow.getHandle(workflowId).fetchHistory();
  const query = `WorkflowId = '${workflowId}'`;
  const listed = await client.workflowService.listWorkflowExecutions({ namespace, query });
  return textOf([history, await describe(client, workflowId), listed]);
}

/** What pending activities have said of themselves so far: heartbeats and last failures are in no history. */
export async function pendingEvidence(client: Client, workflowId: string): Promise<string> {
  const { pendingActivities } = await describe(client, workflowId);
  return textOf(pendingActivities);
}

function describe(client: Client, workflowId: string) {
  const { namespace } = client.options;
  return client.workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } });
}

/** With the bytes of payloads as the text that they are. */
function textOf(value: unknown): string {
  const lines: string[] = [];
  const seen = new Set<object>();
  const walk = (each: unknown, name: string) => {
    if (each instanceof Uint8Array) lines.push(`${name}: ${Buffer.from(each).toString()}`);
    else if (typeof each === 'string') lines.push(`${name}: ${each}`);
    else if (typeof each === 'object' && each !== null && !seen.has(each)) {
      seen.add(each);
      for (const [key, inner] of Object.entries(each)) walk(inner, key);
    }
  };
  walk(value, '');
  return lines.join('\n');
}
