import { createHash } from 'node:crypto';

/** SageMaker allows 63 characters; the longest suffix, `-ab`, and `-<8 hex digits>` must fit behind the endpoint. */
const maxPrefixLength = 63 - '-ab'.length - '-12345678'.length;

/** `<endpoint, shortened>-<8 hex digits>`, the same for every attempt of one run. */
export function rolloutIdOf(endpoint: string, identity: { workflowId: string; runId: string }): string {
  const key = createHash('sha256')
    .update(identity.workflowId + identity.runId)
    .digest('hex')
    .slice(0, 8);
  const prefix = endpoint.toLowerCase().slice(0, maxPrefixLength).replace(/-+$/, '');
  return `${prefix}-${key}`;
}
