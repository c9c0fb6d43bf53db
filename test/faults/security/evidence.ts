/** All data of a rollout in Temporal, as text: the raw data of the server, without decoding. */
import type { Client } from '@temporalio/client';

export async function evidenceOf(client: Client, workflowId: string): Promise<string> {
  const { namespace } = client.options;
  const history = await client.workflow.getHandle(workflowId).fetchHistory();
  const query = `WorkflowId = '${workflowId}'`;
  const listed = await client.workflowService.listWorkflowExecutions({ namespace, query });
  return textOf([history, await describe(client, workflowId), listed]);
}

/** Heartbeats and last failures of pending activities. The history does not contain them. */
export async function pendingEvidence(client: Client, workflowId: string): Promise<string> {
  const { pendingActivities } = await describe(client, workflowId);
  return textOf(pendingActivities);
}

function describe(client: Client, workflowId: string) {
  const { namespace } = client.options;
  return client.workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } });
}

/** The bytes of payloads become text. */
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
