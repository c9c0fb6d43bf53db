import { createHash } from 'node:crypto';

/** SageMaker allows 63 characters. The longest suffix `-ab` and `-<8 hex digits>` must fit after the endpoint. */
const maxPrefixLength = 63 - '-ab'.length - '-12345678'.length;

/** `<endpoint, shortened>-<8 hex digits>`. Every attempt of one run gets the same id. */
export function rolloutIdOf(endpoint: string, identity: { workflowId: string; runId: string }): string {
  const key = createHash('sha256')
    .update(identity.workflowId + identity.runId)
    .digest('hex')
    .slice(0, 8);
  const prefix = endpoint.toLowerCase().slice(0, maxPrefixLength).replace(/-+$/, '');
  return `${prefix}-${key}`;
}
